import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/index.ts';
import { createLogger } from '../util/logger.ts';
import { createRateLimitingQueue } from '../workqueue/index.ts';
import { TerminalError, createController } from './index.ts';
import type { ReconcileResult } from './index.ts';

function start(reconcile: (key: string, signal: AbortSignal) => Promise<ReconcileResult>, workers = 2) {
  const clock = new FakeClock();
  const queue = createRateLimitingQueue({ clock, initialMs: 10, maxMs: 100 });
  const logger = createLogger('test', 'silent');
  const controller = createController({ reconciler: { name: 'test', reconcile }, queue, workers, clock, logger });
  controller.start();
  return { clock, controller, queue };
}

describe('Controller', () => {
  it('repeats a failed key with back-off until it succeeds, then forgets the failures', async () => {
    let calls = 0;
    const { clock, controller, queue } = start(async () => {
      calls += 1;
      if (calls < 3) throw new Error('not yet');
      return {};
    });
    controller.enqueue('a');
    await settle();
    expect(calls).toBe(1);
    await clock.advance(10);
    expect(calls).toBe(2);
    await clock.advance(19);
    expect(calls).toBe(2);
    await clock.advance(1);
    expect(calls).toBe(3);
    expect(queue.retries('a')).toBe(0);
    await clock.advance(10_000);
    expect(calls).toBe(3);
    await controller.stop();
  });

  it('does not repeat a terminal error', async () => {
    let calls = 0;
    const { clock, controller } = start(async () => {
      calls += 1;
      throw new TerminalError('never');
    });
    controller.enqueue('a');
    await clock.advance(10_000);
    expect(calls).toBe(1);
    await controller.stop();
  });

  it('calls again after the time that the reconciler asked for', async () => {
    let calls = 0;
    const { clock, controller } = start(async () => ((calls += 1) === 1 ? { requeueAfterMs: 5000 } : {}));
    controller.enqueue('a');
    await clock.advance(4999);
    expect(calls).toBe(1);
    await clock.advance(1);
    expect(calls).toBe(2);
    await controller.stop();
  });

  it('works on several keys at once, but on one key only once', async () => {
    let active = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const { controller } = start(async () => {
      most = Math.max(most, (active += 1));
      await new Promise<void>((resolve) => release.push(resolve));
      active -= 1;
      return {};
    }, 3);
    controller.enqueue('a');
    await settle();
    controller.enqueue('a');
    await settle();
    expect(active).toBe(1);
    controller.enqueue('b');
    await settle();
    expect(most).toBe(2);
    while (release.length > 0) {
      release.pop()?.();
      await settle();
    }
    await controller.stop();
  });

  it('aborts what runs when it stops, waits for it and drops the rest', async () => {
    const begun: string[] = [];
    const { controller } = start((key, signal) => {
      begun.push(key);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    }, 1);
    controller.enqueue('a');
    controller.enqueue('b');
    await settle();
    await controller.stop();
    expect(begun).toEqual(['a']);
  });
});
