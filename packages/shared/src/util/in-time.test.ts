import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/index.ts';
import { inTime } from './in-time.ts';

describe('work in time', () => {
  const late = (): Error => new Error('late');

  it('gives its own end, and keeps no timer', async () => {
    const clock = new FakeClock();
    expect(await inTime(Promise.resolve(1), 1_000, clock, late)).toBe(1);
    await expect(inTime(Promise.reject(new Error('own')), 1_000, clock, late)).rejects.toThrow('own');
    expect(clock.pendingTimers).toBe(0);
  });

  it('is late after the limit, whatever becomes of it', async () => {
    const clock = new FakeClock();
    const { promise, reject } = Promise.withResolvers<never>();
    const waiting = expect(inTime(promise, 1_000, clock, late)).rejects.toThrow('late');
    await clock.advance(1_000);
    await waiting;
    reject(new Error('nobody hears it'));
  });
});
