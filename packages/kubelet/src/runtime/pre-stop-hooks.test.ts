import { FakeClock, settle } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import type { HandlerRunner, HandlerTarget } from '../lifecycle/handler-runner.ts';
import { podOf, uid } from '../testing/runtime-objects.ts';
import { PreStopHooks } from './pre-stop-hooks.ts';

const pod = podOf([{ name: 'web' }]);
const target: HandlerTarget = { pod, container: { name: 'web' }, containerId: 'web-0', podIP: '10.0.0.2' };
const handler = { sleep: { seconds: 60 } };

/** A hook that lasts until the test, or its signal, ends it. */
function setUp() {
  const clock = new FakeClock();
  const told: string[] = [];
  const runs: PromiseWithResolvers<void>[] = [];
  const runner: HandlerRunner = {
    run: (_target, _handler, signal) => {
      const run = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => run.reject(signal.reason as Error));
      runs.push(run);
      return run.promise;
    },
  };
  const tell = (_: unknown, { name }: { name: string }, type: string, reason: string, message: string): void => void told.push(`${name} ${type} ${reason} ${message}`);
  const hooks = new PreStopHooks({ hooks: runner, events: { pod: () => undefined, container: tell }, clock });
  const wait = (seconds: number, signal?: AbortSignal): { over: boolean } => {
    const state = { over: false };
    void hooks.wait(target, handler, clock.now() + seconds * 1000, signal).then(() => (state.over = true), () => undefined);
    return state;
  };
  return { clock, told, runs, hooks, wait };
}

describe('PreStopHooks', () => {
  it('runs a hook once, also when the end is asked for again with less time', async () => {
    const { clock, runs, wait } = setUp();
    const first = new AbortController();
    wait(300, first.signal);
    await settle();
    first.abort(new Error('shorter'));
    const second = wait(5);
    await clock.advance(4_900);
    expect([runs.length, second.over]).toEqual([1, false]);
    await clock.advance(100);
    expect(second.over).toBe(true);
  });

  it('is over with its hook, which may fail', async () => {
    const { told, runs, wait } = setUp();
    const waiting = wait(300);
    await settle();
    runs[0]?.reject(new Error('password=s3cret'));
    await settle();
    expect(waiting.over).toBe(true);
    expect(told).toEqual(['web Warning FailedPreStopHook PreStopHook failed']);
  });

  it('ends a hook with its container, and says nothing', async () => {
    const { clock, told, runs, hooks, wait } = setUp();
    wait(1);
    await clock.advance(1_000);
    hooks.forget(target.containerId);
    await expect(runs[0]?.promise).rejects.toThrow('the container has ended');
    await settle();
    expect(told).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends the hooks of a pod of which nothing is left, also of a container whose end nobody waited for', async () => {
    const { clock, runs, hooks, wait } = setUp();
    const waiting = new AbortController();
    wait(300, waiting.signal);
    waiting.abort(new Error('shorter'));
    await settle();
    hooks.forgetPod('another');
    wait(1);
    await clock.advance(1_000);
    expect(runs).toHaveLength(1);
    hooks.forgetPod(uid);
    await expect(runs[0]?.promise).rejects.toThrow('nothing is left of the pod');
    wait(1);
    await clock.advance(1_000);
    expect(runs).toHaveLength(2);
  });

  it('leaves none running when it stops', async () => {
    const { runs, hooks, wait } = setUp();
    wait(300);
    await settle();
    hooks.stop();
    await expect(runs[0]?.promise).rejects.toThrow();
  });
});
