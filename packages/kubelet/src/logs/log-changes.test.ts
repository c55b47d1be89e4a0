import { getEventListeners } from 'node:events';
import { FakeClock } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { LogChanges } from './log-changes.ts';

describe('LogChanges', () => {
  it('leaves nothing on the signal after a wait', async () => {
    const changes = new LogChanges('/nowhere/0.log', new FakeClock());
    const { signal } = new AbortController();
    const waiting = changes.next(signal);
    changes.poke();
    await waiting;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    changes.close();
  });
});
