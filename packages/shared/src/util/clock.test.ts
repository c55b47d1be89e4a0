import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/index.ts';
import { systemClock } from './clock.ts';

describe('sleep', () => {
  it('rejects with the reason of a signal that has aborted before', async () => {
    const reason = new Error('stop');
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('rejects at once when the signal aborts and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const ending = new AbortController();
    const sleeping = clock.sleep(1000, ending.signal);
    expect(clock.pendingTimers).toBe(1);
    ending.abort(new Error('stop'));
    await expect(sleeping).rejects.toThrow('stop');
    expect(clock.pendingTimers).toBe(0);
  });

  it('resolves when its time has come, not before', async () => {
    const clock = new FakeClock();
    let awake = false;
    void clock.sleep(1000).then(() => (awake = true));
    await clock.advance(999);
    expect(awake).toBe(false);
    await clock.advance(1);
    expect(awake).toBe(true);
  });
});

describe('system clock', () => {
  it('does not fire a delay at once that is longer than a timer can hold', async () => {
    let fired = false;
    const timer = systemClock.setTimeout(() => (fired = true), 2 ** 40);
    await systemClock.sleep(5);
    timer.cancel();
    expect(fired).toBe(false);
  });
});
