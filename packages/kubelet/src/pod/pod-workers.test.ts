import { pino } from 'pino';
import type { Pod } from '@podling/shared/api';
import { FakeClock, settle } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { PodWorkers, type PodSyncer, type SyncResult } from './pod-workers.ts';

/** Writes down each step; a step lasts until the test ends it, when the test asks for that. */
class RecordingSyncer implements PodSyncer {
  readonly steps: string[] = [];
  running = 0;
  mostAtOnce = 0;
  result: SyncResult = { terminal: false, retryAtMs: 0 };
  failures: Error[] = [];
  hold: Promise<void> | undefined;

  async syncPod(pod: Pod, signal: AbortSignal): Promise<SyncResult> {
    await this.#step(`sync ${pod.metadata.labels?.['version'] ?? ''}`, signal);
    return this.result;
  }

  async syncTerminatingPod(_: Pod, gracePeriodSeconds: number, signal: AbortSignal): Promise<void> {
    await this.#step(`terminating ${gracePeriodSeconds}`, signal);
  }

  async syncTerminatedPod(_: Pod, removed: boolean): Promise<void> {
    await this.#step(removed ? 'terminated removed' : 'terminated');
  }

  forgetPod(uid: string): void {
    this.steps.push(`forget ${uid}`);
  }

  async #step(name: string, signal?: AbortSignal): Promise<void> {
    this.steps.push(name);
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    try {
      const aborted = new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
      aborted.catch(() => undefined);
      if (this.hold) await Promise.race([this.hold, aborted]);
      const failure = this.failures.shift();
      if (failure) throw failure;
    } finally {
      this.running -= 1;
    }
  }
}

function setUp() {
  const clock = new FakeClock();
  const syncer = new RecordingSyncer();
  return { clock, syncer, workers: new PodWorkers({ syncer, clock, logger: pino({ level: 'silent' }) }) };
}

function pod(version = '1', metadata: Partial<Pod['metadata']> = {}): Pod {
  const base = podOf([{ name: 'web' }], { terminationGracePeriodSeconds: 30 });
  return { ...base, metadata: { ...base.metadata, labels: { version }, ...metadata } };
}

const marked = (version: string, grace: number): Pod => pod(version, { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: grace });

describe('PodWorkers', () => {
  it('works on one pod one step at a time and with the latest spec', async () => {
    const { syncer, workers } = setUp();
    const held = Promise.withResolvers<void>();
    syncer.hold = held.promise;
    for (const version of ['1', '2', '3']) workers.update(pod(version));
    await settle();
    held.resolve();
    await settle();
    expect(syncer.steps).toEqual(['sync 1', 'sync 3']);
    expect(syncer.mostAtOnce).toBe(1);
  });

  it('does nothing about the echo of a status', async () => {
    const { syncer, workers } = setUp();
    workers.update(pod());
    await settle();
    workers.update({ ...pod('1', { resourceVersion: '99' }), status: { phase: 'Running' } });
    await settle();
    expect(syncer.steps).toEqual(['sync 1']);
  });

  it('tries a failed step again, later each time', async () => {
    const { clock, syncer, workers } = setUp();
    syncer.failures = [new Error('1'), new Error('2')];
    workers.update(pod());
    await clock.advance(499);
    expect(syncer.steps).toHaveLength(1);
    await clock.advance(1);
    expect(syncer.steps).toHaveLength(2);
    await clock.advance(999);
    expect(syncer.steps).toHaveLength(2);
    await clock.advance(1);
    expect(syncer.steps).toHaveLength(3);
  });

  it('does not let runtime events cut a failure\'s wait short', async () => {
    const { clock, syncer, workers } = setUp();
    syncer.failures = [new Error('1')];
    workers.update(pod());
    await settle();
    workers.runtimeChanged('pod-uid');
    await settle();
    expect(syncer.steps).toHaveLength(1);
    await clock.advance(500);
    expect(syncer.steps).toHaveLength(2);
  });

  it('runs what has failed at once when the fault is over, and with a fresh back-off', async () => {
    const { clock, syncer, workers } = setUp();
    syncer.failures = [1, 2, 3, 4, 5].map((number) => new Error(`${number}`));
    workers.update(pod());
    workers.update(pod('7', { uid: 'healthy', name: 'healthy' }));
    await clock.advance(10_000);
    syncer.failures = [new Error('6'), new Error('7')];
    workers.update(pod('8', { uid: 'other', name: 'other' }));
    await settle();
    syncer.steps.length = 0;
    workers.retryFailed();
    await settle();
    expect(syncer.steps).toEqual(['sync 8']);
    await clock.advance(500);
    expect(syncer.steps).toEqual(['sync 8', 'sync 8']);
  });

  it('wakes up when a step asked for it', async () => {
    const { clock, syncer, workers } = setUp();
    syncer.result = { terminal: false, retryAtMs: clock.now() + 10_000 };
    workers.update(pod());
    await settle();
    syncer.result = { terminal: false, retryAtMs: 0 };
    await clock.advance(10_000);
    expect(syncer.steps).toEqual(['sync 1', 'sync 1']);
  });

  it('goes from syncing to terminating to terminated when the pod is marked as deleted', async () => {
    const { syncer, workers } = setUp();
    workers.update(pod());
    await settle();
    workers.update(marked('2', 5));
    await settle();
    expect(syncer.steps).toEqual(['sync 1', 'terminating 5', 'terminated removed']);
  });

  it('aborts a sync under way when the pod is deleted', async () => {
    const { syncer, workers } = setUp();
    syncer.hold = new Promise(() => undefined);
    workers.update(pod());
    await settle();
    syncer.hold = undefined;
    workers.update(marked('2', 5));
    await settle();
    expect(syncer.steps).toEqual(['sync 1', 'terminating 5', 'terminated removed']);
  });

  it('starts the end over with a shorter grace period, and not with a longer one', async () => {
    const { syncer, workers } = setUp();
    syncer.hold = new Promise(() => undefined);
    workers.update(marked('1', 20));
    await settle();
    workers.update(marked('2', 25));
    await settle();
    expect(syncer.steps).toEqual(['terminating 20']);
    syncer.hold = undefined;
    workers.update(marked('3', 2));
    await settle();
    expect(syncer.steps).toEqual(['terminating 20', 'terminating 2', 'terminated removed']);
  });

  it('never brings a terminated pod back', async () => {
    const { syncer, workers } = setUp();
    syncer.result = { terminal: true, retryAtMs: 0 };
    workers.update(pod());
    await settle();
    workers.update(pod('2'));
    await settle();
    expect(syncer.steps).toEqual(['sync 1', 'terminating 30', 'terminated', 'terminated']);
  });

  it('does not start a pod that was over before the kubelet came', async () => {
    const { syncer, workers } = setUp();
    workers.update({ ...pod(), status: { phase: 'Succeeded' } });
    await settle();
    expect(syncer.steps).toEqual(['terminating 30', 'terminated']);
  });

  it('forgets a pod that is gone from the apiserver after it has ended', async () => {
    const { syncer, workers } = setUp();
    workers.update(pod());
    await settle();
    workers.remove('pod-uid');
    await settle();
    expect(syncer.steps).toEqual(['sync 1', 'terminating 1', 'terminated removed', 'forget pod-uid']);
    expect(workers.has('pod-uid')).toBe(false);
  });

  it('removes what is left of a pod that goes from the apiserver while it is being released', async () => {
    const { syncer, workers } = setUp();
    const held = Promise.withResolvers<void>();
    workers.update({ ...pod(), status: { phase: 'Succeeded' } });
    await settle();
    syncer.hold = held.promise;
    workers.update(pod('2'));
    await settle();
    workers.remove('pod-uid');
    held.resolve();
    await settle();
    expect(syncer.steps.slice(2)).toEqual(['terminated', 'terminated removed', 'forget pod-uid']);
  });

  it('does not let a failing pod keep another from its work', async () => {
    const { syncer, workers } = setUp();
    syncer.failures = [new Error('bad image')];
    workers.update(pod());
    await settle();
    workers.update(pod('7', { uid: 'other', name: 'other' }));
    await settle();
    expect(syncer.steps).toEqual(['sync 1', 'sync 7']);
  });
});
