import { isDeepStrictEqual } from 'node:util';
import { uidOf, type Pod } from '@podling/shared/api';
import { exponentialBackoff, type Backoff, type Clock, type Logger, type Timer } from '@podling/shared/util';
import { isTerminalPhase } from '../status/phase.ts';

export interface SyncResult {
  /** Nothing will run again: the pod is over. */
  terminal: boolean;
  /** When another pass is due without an event, by the monotonic clock; 0 = none. */
  retryAtMs: number;
  /** Of what still runs of a pod that is over, if less than the pod's own. */
  gracePeriodSeconds?: number;
}

/** The three steps of a pod's life on the node; each idempotent, each may throw and is then tried again. */
export interface PodSyncer {
  syncPod(pod: Pod, signal: AbortSignal): Promise<SyncResult>;
  /** Resolves when nothing of the pod runs any more. */
  syncTerminatingPod(pod: Pod, gracePeriodSeconds: number, signal: AbortSignal): Promise<void>;
  /** Releases what the pod held; `removed`: it is deleted or about to be, nothing may stay. */
  syncTerminatedPod(pod: Pod, removed: boolean): Promise<void>;
  /** The pod is gone from the apiserver and from the node. */
  forgetPod(uid: string): void;
}

export interface PodWorkersOptions {
  syncer: PodSyncer;
  clock: Clock;
  logger: Logger;
}

type WorkerState = 'syncing' | 'terminating' | 'terminated';

interface Worker {
  readonly uid: string;
  pod: Pod;
  state: WorkerState;
  gracePeriodSeconds: number;
  /** Gone from the apiserver, or never there. */
  gone: boolean;
  dirty: boolean;
  running: boolean;
  abort: AbortController;
  timer: Timer | undefined;
  /** The timer waits out a failure: the runtime's events do not cut it short. */
  failing: boolean;
  backoff: Backoff;
}

/** Orphans and pods whose key is already gone are not owed their full grace. */
const goneGracePeriodSeconds = 1;

/**
 * One serial worker per pod UID:
 *
 *     syncing ──(marked as deleted, gone, or over)──► terminating ──(nothing runs)──► terminated ──(gone)──► forgotten
 *
 * Never backwards. The latest pod wins; a pass under way is aborted when the state moves on or the grace gets shorter.
 * A failed pass is tried again after 0.5 s, doubling to 60 s, or by `retryFailed`. Upstream twin: kubelet `podWorkers`.
 */
export class PodWorkers {
  readonly #options: PodWorkersOptions;
  readonly #workers = new Map<string, Worker>();
  readonly #passes = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: PodWorkersOptions) {
    this.#options = options;
  }

  has(uid: string): boolean {
    return this.#workers.has(uid);
  }

  /** The pod is there or has changed. The echo of a status that was reported is no change, a readiness gate that opens is. */
  update(pod: Pod): void {
    const known = this.#workers.get(uidOf(pod));
    const worker = known ?? this.#add(pod);
    const unchanged = known !== undefined && asksForTheSame(known.pod, pod);
    worker.pod = pod;
    if (unchanged) return;
    if (pod.metadata.deletionTimestamp !== undefined) this.#terminate(worker, pod.metadata.deletionGracePeriodSeconds ?? defaultGrace(pod));
    this.#kick(worker, true);
  }

  /** The pod's key is gone from its source. */
  remove(uid: string, gracePeriodSeconds = goneGracePeriodSeconds): void {
    const worker = this.#workers.get(uid);
    if (worker === undefined) return;
    worker.gone = true;
    this.#terminate(worker, gracePeriodSeconds);
    this.#kick(worker, true);
  }

  /** Containers run of a pod that nobody knows: end and remove them. */
  removeOrphan(pod: Pod): void {
    if (this.#workers.has(uidOf(pod))) return;
    this.#add(pod);
    this.remove(uidOf(pod));
  }

  /** The runtime's state of the pod has changed. */
  runtimeChanged(uid: string): void {
    const worker = this.#workers.get(uid);
    if (worker) this.#kick(worker, false);
  }

  /** The node itself wants the pod to end: a pass under way is broken off, an end under way has no more than this time. */
  interrupt(uid: string, gracePeriodSeconds: number): void {
    const worker = this.#workers.get(uid);
    if (worker === undefined) return;
    if (worker.state === 'syncing') worker.abort.abort(new Error('the node ends the pod'));
    else this.#terminate(worker, gracePeriodSeconds);
    this.#kick(worker, true);
  }

  /** Whether nothing of the pod runs, and what it held is released. */
  hasEnded(uid: string): boolean {
    const worker = this.#workers.get(uid);
    return worker === undefined || (worker.state === 'terminated' && !worker.running && !worker.dirty && !worker.failing);
  }

  /** What made passes fail is over: none waits any longer. */
  retryFailed(): void {
    for (const worker of this.#workers.values()) {
      worker.backoff.reset();
      if (worker.failing) this.#kick(worker, true);
    }
  }

  /** Aborts all passes and waits for them. Containers go on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const worker of this.#workers.values()) {
      worker.timer?.cancel();
      worker.abort.abort(new Error('the kubelet stops'));
    }
    await Promise.race([Promise.allSettled(this.#passes), this.#options.clock.sleep(2_000)]);
  }

  #add(pod: Pod): Worker {
    const worker: Worker = {
      uid: uidOf(pod),
      pod,
      state: isTerminalPhase(pod.status?.phase) ? 'terminating' : 'syncing',
      gracePeriodSeconds: defaultGrace(pod),
      gone: false,
      dirty: false,
      running: false,
      abort: new AbortController(),
      timer: undefined,
      failing: false,
      backoff: exponentialBackoff({ initialMs: 500, maxMs: 60_000 }),
    };
    this.#workers.set(worker.uid, worker);
    return worker;
  }

  #terminate(worker: Worker, gracePeriodSeconds: number): void {
    if (worker.state === 'terminated') return;
    const grace = Math.max(gracePeriodSeconds, goneGracePeriodSeconds);
    const shorter = grace < worker.gracePeriodSeconds;
    if (worker.state === 'syncing' || shorter) worker.abort.abort(new Error('the pod is terminating'));
    if (worker.state === 'syncing' || shorter) worker.gracePeriodSeconds = grace;
    worker.state = 'terminating';
  }

  #kick(worker: Worker, urgent: boolean): void {
    if (this.#stopped) return;
    worker.dirty = true;
    if (worker.running || (worker.failing && !urgent)) return;
    const pass = this.#run(worker).finally(() => this.#passes.delete(pass));
    this.#passes.add(pass);
  }

  async #run(worker: Worker): Promise<void> {
    worker.running = true;
    while (worker.dirty && !this.#stopped) {
      this.#clearTimer(worker);
      worker.dirty = false;
      worker.abort = new AbortController();
      try {
        await this.#step(worker);
        worker.backoff.reset();
      } catch (error) {
        if (this.#retryLater(worker, error)) break;
      }
    }
    worker.running = false;
  }

  #clearTimer(worker: Worker): void {
    worker.timer?.cancel();
    worker.timer = undefined;
    worker.failing = false;
  }

  async #step(worker: Worker): Promise<void> {
    if (worker.state === 'syncing') return this.#sync(worker);
    if (worker.state === 'terminating') return this.#terminatePass(worker);
    const { gone, pod } = worker;
    await this.#options.syncer.syncTerminatedPod(pod, gone || pod.metadata.deletionTimestamp !== undefined);
    if (!gone) return;
    this.#workers.delete(worker.uid);
    this.#options.syncer.forgetPod(worker.uid);
    worker.dirty = false;
  }

  async #sync(worker: Worker): Promise<void> {
    const { terminal, retryAtMs, gracePeriodSeconds = worker.gracePeriodSeconds } = await this.#options.syncer.syncPod(worker.pod, worker.abort.signal);
    if (worker.state !== 'syncing') return;
    if (terminal) {
      worker.state = 'terminating';
      worker.gracePeriodSeconds = Math.min(worker.gracePeriodSeconds, gracePeriodSeconds);
      worker.dirty = true;
    } else if (retryAtMs > 0) this.#wakeAt(worker, retryAtMs);
  }

  async #terminatePass(worker: Worker): Promise<void> {
    const { signal } = worker.abort;
    await this.#options.syncer.syncTerminatingPod(worker.pod, worker.gracePeriodSeconds, signal);
    if (signal.aborted) return;
    worker.state = 'terminated';
    worker.dirty = true;
  }

  /** Whether the loop must wait; an aborted pass is followed by the next one at once. */
  #retryLater(worker: Worker, error: unknown): boolean {
    const { signal } = worker.abort;
    if (signal.aborted) {
      worker.dirty = true;
      return this.#stopped;
    }
    this.#options.logger.warn({ err: error, pod: worker.pod.metadata.name, uid: worker.uid, state: worker.state }, 'pod sync failed');
    worker.failing = true;
    this.#wakeAt(worker, this.#options.clock.monotonic() + worker.backoff.next());
    return true;
  }

  #wakeAt(worker: Worker, atMs: number): void {
    worker.timer?.cancel();
    const delayMs = Math.max(atMs - this.#options.clock.monotonic(), 0);
    worker.timer = this.#options.clock.setTimeout(() => this.#kick(worker, true), delayMs);
  }
}

function defaultGrace(pod: Pod): number {
  return pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
}

function asksForTheSame(before: Pod, after: Pod): boolean {
  const wish = ({ spec, metadata, status }: Pod): unknown[] => {
    const { labels, annotations, deletionTimestamp, deletionGracePeriodSeconds } = metadata;
    const gates = spec.readinessGates?.map(({ conditionType }) => status?.conditions?.find(({ type }) => type === conditionType)?.status);
    return [spec, labels, annotations, deletionTimestamp, deletionGracePeriodSeconds, gates];
  };
  return isDeepStrictEqual(wish(before), wish(after));
}
