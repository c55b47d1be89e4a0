import { FakeClock } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { KeyedBackOff } from './keyed-back-off.ts';

const key = 'uid/container/web';

function setUp() {
  const clock = new FakeClock();
  return { clock, backOff: new KeyedBackOff({ clock, initialMs: 10_000, maxMs: 300_000 }) };
}

describe('KeyedBackOff', () => {
  it('lets a key through that has never failed', () => {
    expect(setUp().backOff.blockedUntil(key)).toBe(0);
  });

  it('doubles from 10 s to 300 s', () => {
    const { backOff } = setUp();
    const delays = Array.from({ length: 7 }, () => {
      backOff.next(key);
      return backOff.delayMs(key) / 1000;
    });
    expect(delays).toEqual([10, 20, 40, 80, 160, 300, 300]);
  });

  it('counts the wait from the event it is given', async () => {
    const { clock, backOff } = setUp();
    backOff.next(key);
    await clock.advance(8_000);
    const finishedMs = clock.now();
    expect(backOff.blockedUntil(key, finishedMs)).toBe(finishedMs + 10_000);
    expect(backOff.blockedUntil(key)).toBe(finishedMs + 2_000);
  });

  it('is free once the wait is over', async () => {
    const { clock, backOff } = setUp();
    backOff.next(key);
    await clock.advance(10_000);
    expect(backOff.blockedUntil(key)).toBe(0);
  });

  it('starts over after ten minutes without a failure', async () => {
    const { clock, backOff } = setUp();
    for (let failure = 0; failure < 6; failure += 1) backOff.next(key);
    await clock.advance(600_001);
    expect(backOff.blockedUntil(key, clock.now())).toBe(0);
    backOff.next(key);
    expect(backOff.delayMs(key)).toBe(10_000);
  });

  it('forgets a pod whole and no other', () => {
    const { backOff } = setUp();
    backOff.next(key);
    backOff.next('uid2/container/web');
    backOff.forget('uid/');
    expect([backOff.delayMs(key), backOff.delayMs('uid2/container/web')]).toEqual([0, 10_000]);
  });
});
