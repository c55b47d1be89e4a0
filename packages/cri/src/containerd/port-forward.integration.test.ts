import { FakeClock } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { dialNamespace } from './port-forward.ts';

describe('a way into a network namespace', () => {
  it('that is not made in time is given up', async () => {
    const clock = new FakeClock();
    // It sleeps, where the program would connect.
    const dialling = dialNamespace('sleep', { pid: process.pid, port: 7_001 }, clock);
    const given = expect(dialling).rejects.toMatchObject({ code: 'Unavailable', message: 'no connection to port 7001 in time' });
    await clock.advance(30_000);
    await given;
    expect(clock.pendingTimers).toBe(0);
  });
});
