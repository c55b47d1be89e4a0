import { describe, expect, it } from 'vitest';
import { exponentialBackoff } from './backoff.ts';

describe('exponentialBackoff', () => {
  it('grows by its factor up to the maximum and starts again after a reset', () => {
    const backoff = exponentialBackoff({ initialMs: 200, maxMs: 1000 });
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([200, 400, 800, 1000, 1000]);
    backoff.reset();
    expect(backoff.next()).toBe(200);
  });

  it('takes its jitter off the delay, so that the maximum holds', () => {
    const backoff = exponentialBackoff({ initialMs: 100, maxMs: 100, jitter: 0.5, random: () => 1 });
    expect(backoff.next()).toBe(50);
  });
});
