import { isConflict, isNotFound, isStaticPod, namespaceOf, uidOf, type Pod, type PodStatus } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import { exponentialBackoff, type Backoff, type Clock, type Logger, type Timer } from '@podling/shared/util';
import { isTerminalPhase } from './phase.ts';
import { statusPatch } from './status-patch.ts';

export interface StatusManagerOptions {
  client: Pick<Client, 'pods'>;
  clock: Clock;
  logger: Logger;
  /** The pod as the apiserver last showed it, by UID. */
  podByUid: (uid: string) => Pod | undefined;
  /** What shows a static pod at the apiserver; undefined while nothing does. Its status waits for it. */
  mirrorOf: (pod: Pod) => Pod | undefined;
}

/** How long the apiserver's view may lag before a difference is taken for somebody else's write. */
const settleMs = 1_000;
/** A pod that starts within this time is reported once, as running. */
const startMs = 500;

interface StatusRecord {
  pod: Pod;
  status: PodStatus;
  /** The object at the apiserver that `reported` is of. */
  shownBy: string;
  /** What the apiserver has said it holds. */
  reported: PodStatus;
  /** The node has nothing left of the pod. */
  finished: boolean;
  busy: boolean;
  dirty: boolean;
  backoff: Backoff;
  /** Waits out a failure. */
  timer: Timer | undefined;
  /** Waits for the apiserver's view to settle. */
  settling: Timer | undefined;
  /** There is nothing to say yet but that it is being started. */
  starting: Timer | undefined;
}

/**
 * Brings pod statuses to the apiserver, and finished pods to their end.
 *
 * Promises: per pod one request at a time, the latest status wins, a failed one is retried for ever; while the
 * apiserver is away only the last status is kept. That a pod is being started is told only where that takes a while. A
 * write carries the pod's UID, so a late one never touches a new pod of the same name. A pod is deleted only after
 * `finish` and after its final status has been stored. Nothing is written of a pod that no source has bound to this node.
 * Called by the pod workers. Upstream twin: kubelet `status.Manager`.
 */
export class StatusManager {
  readonly #options: StatusManagerOptions;
  readonly #records = new Map<string, StatusRecord>();
  #stopped = false;

  constructor(options: StatusManagerOptions) {
    this.#options = options;
  }

  /** The latest status, reported or not. */
  get(uid: string): PodStatus | undefined {
    return this.#records.get(uid)?.status;
  }

  set(pod: Pod, status: PodStatus): void {
    const record = this.#recordOf(pod);
    record.pod = pod;
    record.status = status;
    if (tellsNothingNew(status, record.reported)) this.#kickLater(uidOf(pod), record);
    else this.#kick(uidOf(pod));
  }

  /** The apiserver shows the pod, or the mirror of the static pod `uid`: what somebody else wrote over our status is written again. */
  observe(pod: Pod, uid: string = uidOf(pod)): void {
    const record = this.#records.get(uid);
    if (record !== undefined && record.shownBy !== uidOf(pod)) this.#kick(uid);
    if (record === undefined || record.busy || (record.timer ?? record.settling ?? record.starting) !== undefined) return;
    if (statusPatch(pod, pod.status ?? {}, whileRunning(record.status, record.reported)) === undefined) return;
    record.settling = this.#options.clock.setTimeout(() => {
      record.settling = undefined;
      record.reported = this.#shown(record.pod)?.status ?? record.reported;
      this.#kick(uid);
    }, settleMs);
  }

  /** Nothing is left of the pod on the node: once it is marked as deleted, its key may go. */
  finish(pod: Pod): void {
    const record = this.#recordOf(pod);
    record.pod = pod;
    record.finished = true;
    this.#kick(uidOf(pod));
  }

  /** The pod is gone from the apiserver. */
  forget(uid: string): void {
    cancelTimers(this.#records.get(uid));
    this.#records.delete(uid);
  }

  /** No retry after this; a request on its way is not waited for. */
  stop(): void {
    this.#stopped = true;
    for (const record of this.#records.values()) cancelTimers(record);
  }

  #recordOf(pod: Pod): StatusRecord {
    const uid = uidOf(pod);
    const existing = this.#records.get(uid);
    if (existing) return existing;
    const reported = pod.status ?? {};
    const backoff = exponentialBackoff({ initialMs: 200, maxMs: 5_000, jitter: 0.2 });
    const timers = { timer: undefined, settling: undefined, starting: undefined };
    const record: StatusRecord = { pod, status: reported, shownBy: uid, reported, finished: false, busy: false, dirty: false, backoff, ...timers };
    this.#records.set(uid, record);
    return record;
  }

  #kick(uid: string): void {
    const record = this.#records.get(uid);
    if (record === undefined || this.#stopped) return;
    record.dirty = true;
    record.starting?.cancel();
    record.starting = undefined;
    if (record.busy || record.timer !== undefined) return;
    void this.#drain(uid, record);
  }

  #kickLater(uid: string, record: StatusRecord): void {
    if (this.#stopped) return;
    record.starting ??= this.#options.clock.setTimeout(() => this.#kick(uid), startMs);
  }

  async #drain(uid: string, record: StatusRecord): Promise<void> {
    record.busy = true;
    while (record.dirty && !this.#stopped && this.#records.get(uid) === record) {
      record.dirty = false;
      try {
        await this.#sync(uid, record);
        record.backoff.reset();
      } catch (error) {
        this.#retryLater(uid, record, error);
        break;
      }
    }
    record.busy = false;
  }

  #retryLater(uid: string, record: StatusRecord, error: unknown): void {
    this.#options.logger.warn({ err: error, pod: record.pod.metadata.name, uid }, 'cannot report pod status');
    record.timer = this.#options.clock.setTimeout(() => {
      record.timer = undefined;
      this.#kick(uid);
    }, record.backoff.next());
  }

  async #sync(uid: string, record: StatusRecord): Promise<void> {
    const { pod, finished } = record;
    const shown = this.#shown(pod);
    if (shown === undefined) return;
    if (record.shownBy !== uidOf(shown)) Object.assign(record, { shownBy: uidOf(shown), reported: shown.status ?? {} });
    const status = whileRunning(record.status, record.reported);
    const patch = statusPatch(shown, record.reported, status);
    if (patch !== undefined) await this.#report(uid, shown, patch, status);
    const latest = this.#options.podByUid(uid) ?? pod;
    if (finished && latest.metadata.deletionTimestamp !== undefined) await this.#delete(latest);
  }

  /** Where the apiserver shows the pod. One that only the runtime tells of is bound to no node, and not ours to report. */
  #shown(pod: Pod): Pod | undefined {
    if (isStaticPod(pod)) return this.#options.mirrorOf(pod);
    return this.#options.podByUid(uidOf(pod)) ?? (pod.spec.nodeName === undefined ? undefined : pod);
  }

  async #report(uid: string, pod: Pod, patch: object, status: PodStatus): Promise<void> {
    const record = this.#records.get(uid);
    try {
      await this.#pods(pod).patchStatus(pod.metadata.name, patch, 'application/strategic-merge-patch+json');
    } catch (error) {
      if (!(await this.#isGone(pod, error))) throw error;
      this.#options.logger.debug({ pod: pod.metadata.name, uid: uidOf(pod) }, 'status of a pod that is gone dropped');
    }
    if (record) record.reported = status;
  }

  async #delete(pod: Pod): Promise<void> {
    try {
      await this.#pods(pod).delete(pod.metadata.name, { gracePeriodSeconds: 0, preconditions: { uid: uidOf(pod) } });
    } catch (error) {
      if (!(await this.#isGone(pod, error))) throw error;
    }
  }

  /** The name is free, or belongs to another pod now. A conflict alone may also be a lost race. */
  async #isGone(pod: Pod, error: unknown): Promise<boolean> {
    if (isNotFound(error)) return true;
    if (!isConflict(error)) return false;
    try {
      const present = await this.#pods(pod).get(pod.metadata.name);
      return present.metadata.uid !== pod.metadata.uid;
    } catch (cause) {
      return isNotFound(cause);
    }
  }

  #pods(pod: Pod) {
    return this.#options.client.pods(namespaceOf(pod));
  }
}

/** That a pod is over is said when nothing of it runs any more: what it holds is free only then. */
function whileRunning(status: PodStatus, { phase, reason, message }: PodStatus): PodStatus {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status;
  const runs = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].some(({ state }) => state?.running);
  if (!runs || !isTerminalPhase(status.phase) || isTerminalPhase(phase)) return status;
  const { phase: _phase, reason: _reason, message: _message, ...rest } = status;
  return { ...rest, ...(phase && { phase }), ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) };
}

const startReasons = new Set(['ContainerCreating', 'PodInitializing']);

/** The kubelet has not said anything of the pod yet, and all there is to say is that it starts. */
function tellsNothingNew({ phase, containerStatuses = [], initContainerStatuses = [] }: PodStatus, reported: PodStatus): boolean {
  if (phase !== 'Pending' || reported.containerStatuses !== undefined) return false;
  return [...containerStatuses, ...initContainerStatuses].every(({ state }) => startReasons.has(state?.waiting?.reason ?? ''));
}

function cancelTimers(record: StatusRecord | undefined): void {
  record?.timer?.cancel();
  record?.settling?.cancel();
  record?.starting?.cancel();
}
