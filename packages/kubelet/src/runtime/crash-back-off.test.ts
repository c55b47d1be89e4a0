import { FakeClock } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { exitedOf, podOf, uid } from '../testing/runtime-objects.ts';
import { CrashBackOff } from './crash-back-off.ts';
import { WaitingReasonCache } from './waiting-reasons.ts';

function setUp(maxMs = 300_000) {
  const clock = new FakeClock();
  const told: string[] = [];
  const waiting = new WaitingReasonCache();
  const tell = (_: unknown, __: unknown, ___: string, reason: string, message: string): void => void told.push(`${reason}: ${message}`);
  const crash = new CrashBackOff({ maxMs, waiting, clock, events: { pod: () => undefined, container: tell } });
  /** Seconds that the container must wait after a run that ends now. */
  const crashes = (image = 'x'): number => {
    const pod = podOf([{ name: 'web', image }]);
    const [container] = pod.spec.containers;
    if (!container) throw new Error('no container');
    const until = crash.blockedUntil(pod, container, { uid, sandboxes: [], containers: [exitedOf(pod, 'web', 1, { finishedAtMs: clock.now() })] });
    return until === 0 ? 0 : (until - clock.now()) / 1000;
  };
  /** Crashes, waits out the pause, runs again. */
  const loop = async (): Promise<number> => {
    const seconds = crashes();
    if (seconds === 0) return 0;
    const pod = podOf([{ name: 'web', image: 'x' }]);
    const ended = exitedOf(pod, 'web', 1, { finishedAtMs: clock.now() });
    await clock.advance(seconds * 1000);
    crash.blockedUntil(pod, { name: 'web', image: 'x' }, { uid, sandboxes: [], containers: [ended] });
    return seconds;
  };
  return { clock, told, waiting, crashes, loop };
}

describe('CrashBackOff', () => {
  it('lets the first restart go and doubles the pause up to five minutes', async () => {
    const { loop, waiting } = setUp();
    const pauses: number[] = [];
    for (let run = 0; run < 8; run += 1) pauses.push(await loop());
    expect(pauses).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    expect(waiting.get(uid).get('web')).toEqual({ reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container=web pod=web_default(pod-uid)' });
  });

  it('begins anew after ten minutes of running', async () => {
    const { clock, loop, crashes } = setUp();
    for (let run = 0; run < 4; run += 1) await loop();
    await clock.advance(600_001);
    expect(crashes()).toBe(0);
    expect(await loop()).toBe(10);
  });

  it('begins anew with another image', async () => {
    const { loop, crashes } = setUp();
    for (let run = 0; run < 4; run += 1) await loop();
    expect(crashes('other')).toBe(0);
  });

  it('keeps to a shorter longest pause', async () => {
    const { loop } = setUp(4_000);
    expect([await loop(), await loop(), await loop()]).toEqual([0, 4, 4]);
  });

  it('tells each pause once', () => {
    const { told, crashes } = setUp();
    crashes();
    crashes();
    crashes();
    expect(told).toEqual(['BackOff: Back-off restarting failed container web in pod web_default(pod-uid)']);
  });
});
