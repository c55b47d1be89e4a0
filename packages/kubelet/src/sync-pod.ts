import { rm } from 'node:fs/promises';
import { removePodLogs } from '@podling/cri';
import { uidOf, type Pod, type PodStatus } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import type { KeyedBackOff } from './back-off/keyed-back-off.ts';
import type { ContainerResources } from './cm/container-resources.ts';
import type { PodEvents } from './pod-events.ts';
import type { Rejection } from './pod/admission.ts';
import type { Allocations } from './pod/allocations.ts';
import type { Postponed } from './pod/critical-pod-admission.ts';
import type { Eviction, Evictions } from './pod/evictions.ts';
import type { PodSyncer, SyncResult } from './pod/pod-workers.ts';
import type { ProbeManager } from './prober/probe-manager.ts';
import type { MountedVolumes } from './runtime/container-mounts.ts';
import { earliest, type KubeRuntimeManager, type PreparedVolumes, type SyncOutcome, type VolumesOutcome } from './runtime/kube-runtime-manager.ts';
import type { PodPaths } from './runtime/pod-paths.ts';
import { errorText } from './runtime/error-text.ts';
import { emptyPodRuntimeStatus, isRunning, type PodRuntimeStatus } from './runtime/runtime.ts';
import type { StatusCache } from './runtime/status-cache.ts';
import type { WaitingReasonCache } from './runtime/waiting-reasons.ts';
import { activeDeadlineMs, deadlineExceeded } from './status/active-deadline.ts';
import { generatePodStatus } from './status/generate.ts';
import { isTerminalPhase } from './status/phase.ts';
import type { StatusManager } from './status/status-manager.ts';
import type { VolumeManager } from './volumes/volume-manager.ts';

export interface SyncPodOptions {
  runtimeManager: KubeRuntimeManager;
  statuses: StatusCache;
  statusManager: StatusManager;
  volumes: VolumeManager;
  /** What else is known by pod. */
  forgetters: readonly { forgetPod(uid: string): void }[];
  waiting: WaitingReasonCache;
  events: PodEvents;
  /** Of crashes and of failures; forgotten with the pod. */
  backOffs: readonly KeyedBackOff[];
  volumeBackOff: KeyedBackOff;
  paths: PodPaths;
  allocations: Allocations;
  figures: Pick<ContainerResources, 'cgroupResources'>;
  probes: ProbeManager;
  clock: Clock;
  hostIPs: readonly string[];
  evictions: Pick<Evictions, 'get'>;
  /** Asked before anything of the pod is started, until it is decided. */
  admit: (pod: Pod) => Rejection | Postponed | undefined;
}

/**
 * What a pod worker does in each state: status from the runtime's state, then volumes, sandbox, containers, then the
 * status again. Reads all state when it runs. Upstream twin: kubelet `SyncPod`, `SyncTerminatingPod`, `SyncTerminatedPod`.
 */
export class SyncPod implements PodSyncer {
  readonly #options: SyncPodOptions;

  constructor(options: SyncPodOptions) {
    this.#options = options;
  }

  async syncPod(pod: Pod, signal: AbortSignal): Promise<SyncResult> {
    try {
      return await this.#sync(pod, signal);
    } catch (error) {
      // What was done before it failed is to be seen by the next try.
      this.#options.statuses.invalidate(uidOf(pod));
      if (!signal.aborted) this.#tellFailure(pod, error);
      throw error;
    }
  }

  async #sync(wanted: Pod, signal: AbortSignal): Promise<SyncResult> {
    const uid = uidOf(wanted);
    const { allocations } = this.#options;
    const runtime = await this.#options.statuses.get(uid);
    const rejection = this.#rejection(wanted, runtime);
    if (rejection && 'retryAtMs' in rejection) return { terminal: false, retryAtMs: rejection.retryAtMs };
    if (rejection) {
      this.#options.events.pod(wanted, 'Warning', rejection.reason, rejection.message);
      return this.#reject(wanted, runtime, rejection);
    }
    this.#claimRoom(wanted, runtime);
    const pod = await allocations.admit(wanted, this.#known(wanted), runtime);
    const eviction = this.#options.evictions.get(uid);
    if (eviction) return { ...this.#reject(pod, runtime, eviction), gracePeriodSeconds: eviction.gracePeriodSeconds };
    this.#options.probes.addPod(pod, this.#known(pod));
    const status = this.#report(pod, runtime);
    if (isTerminalPhase(status.phase)) return { terminal: true, retryAtMs: 0 };
    await this.#options.volumes.keep(pod);
    const prepareVolumes = (): Promise<PreparedVolumes> => this.prepareVolumes(pod);
    const deadlineMs = this.#deadlineOf(pod, status);
    const outcome = await this.#untilDeadline(deadlineMs, signal, (ending) =>
      this.#options.runtimeManager.syncPod({ pod, status: runtime, reported: status, prepareVolumes, signal: ending, restarts: allocations.restarts(uid) }));
    const after = outcome.changed ? await this.#options.statuses.refresh(uid) : runtime;
    allocations.noteProgress(pod, after, outcome.resizeError);
    const phase = this.#report(pod, after).phase;
    const retryAtMs = earliest(outcome.retryAtMs, allocations.retryAtMs(uid));
    return { terminal: isTerminalPhase(phase), retryAtMs: earliest(retryAtMs, deadlineMs) };
  }

  /** In the same turn in which it was admitted: the next pod is looked at while this one waits for anything. */
  #claimRoom(pod: Pod, runtime: PodRuntimeStatus): void {
    if (this.#known(pod).startTime === undefined) this.#report(pod, runtime);
  }

  /** On the monotonic clock, anew in each pass: the wall clock, from which it is reckoned, may have been set. 0 = none. */
  #deadlineOf(pod: Pod, status: PodStatus): number {
    const { clock } = this.#options;
    const endMs = activeDeadlineMs(pod, status);
    return endMs === undefined ? 0 : clock.monotonic() + Math.max(endMs - clock.now(), 0);
  }

  /** However long an image is pulled or a hook runs, the pod's deadline comes first. */
  async #untilDeadline(deadlineMs: number, signal: AbortSignal, work: (ending: AbortSignal) => Promise<SyncOutcome>): Promise<SyncOutcome> {
    if (deadlineMs === 0) return work(signal);
    const { clock } = this.#options;
    const ending = new AbortController();
    const timer = clock.setTimeout(() => ending.abort(new Error('the deadline of the pod is over')), deadlineMs - clock.monotonic());
    try {
      return await work(AbortSignal.any([signal, ending.signal]));
    } catch (error) {
      if (!ending.signal.aborted || signal.aborted) throw error;
      return { changed: true, retryAtMs: 0 };
    } finally {
      timer.cancel();
    }
  }

  async syncTerminatingPod(pod: Pod, gracePeriodSeconds: number, signal: AbortSignal): Promise<void> {
    const uid = uidOf(pod);
    const { statuses, runtimeManager, probes } = this.#options;
    probes.terminatePod(pod, this.#known(pod));
    const before = await statuses.refresh(uid);
    this.#report(pod, before);
    await runtimeManager.killPod(pod, before, gracePeriodSeconds, signal);
    const after = await statuses.refresh(uid);
    const left = after.containers.filter(isRunning);
    if (left.length > 0) throw new Error(`containers still running: ${left.map(({ metadata }) => metadata.name).join(', ')}`);
    probes.forgetPod(uid);
    this.#report(pod, after, true);
  }

  async syncTerminatedPod(pod: Pod, removed: boolean): Promise<void> {
    const uid = uidOf(pod);
    const { runtimeManager, statuses, volumes, paths, statusManager, allocations } = this.#options;
    const runtime = await statuses.refresh(uid);
    this.#report(pod, runtime, true);
    allocations.roomMade();
    // What it had is what the node needs: of an evicted pod its status stays.
    const isEmptied = removed || this.#known(pod).reason === 'Evicted';
    if (isEmptied) await runtimeManager.removePod(pod, runtime);
    else await runtimeManager.removeCgroup(pod);
    await volumes.tearDown(uid);
    if (!isEmptied) return;
    await rm(paths.podDir(uid), { recursive: true, force: true });
    await removePodLogs(paths.logDir(pod));
    if (removed) statusManager.finish(pod);
  }

  async tearDownVolumes(uid: string): Promise<void> {
    await this.#options.volumes.tearDown(uid);
  }

  /** Ends hooks that still run; containers go on. */
  stop(): void {
    this.#options.runtimeManager.stop();
  }

  forgetPod(uid: string): void {
    const { statuses, statusManager, waiting, backOffs, forgetters, probes } = this.#options;
    statuses.forget(uid);
    statusManager.forget(uid);
    waiting.forget(uid);
    probes.forgetPod(uid);
    this.#options.allocations.forgetPod(uid);
    for (const part of forgetters) part.forgetPod(uid);
    for (const backOff of backOffs) backOff.forget(`${uid}/`);
  }

  /** The pod's volumes, or when to try again; a failure is told to the user. */
  async prepareVolumes(pod: Pod): Promise<PreparedVolumes> {
    const { volumes, volumeBackOff } = this.#options;
    const key = `${uidOf(pod)}/volumes`;
    const blockedUntil = volumeBackOff.blockedUntil(key);
    if (blockedUntil > 0) return { retryAtMs: blockedUntil };
    try {
      const mount = await volumes.prepare(pod);
      return { mount: () => this.#mount(pod, key, mount) };
    } catch (error) {
      return this.#mountFailed(pod, key, error);
    }
  }

  async #mount(pod: Pod, key: string, mount: () => Promise<MountedVolumes>): Promise<VolumesOutcome> {
    try {
      const volumes = await mount();
      this.#options.volumeBackOff.reset(key);
      return { volumes };
    } catch (error) {
      return this.#mountFailed(pod, key, error);
    }
  }

  #mountFailed(pod: Pod, key: string, error: unknown): { retryAtMs: number } {
    const { volumeBackOff, events } = this.#options;
    events.pod(pod, 'Warning', 'FailedMount', error instanceof Error ? error.message : String(error));
    volumeBackOff.next(key);
    return { retryAtMs: volumeBackOff.blockedUntil(key) };
  }

  /** A pod of which nothing was reported yet is shown as waiting; that it was admitted is not said. */
  #tellFailure(pod: Pod, error: unknown): void {
    const { events, statusManager } = this.#options;
    events.pod(pod, 'Warning', 'FailedSync', `error syncing pod: ${errorText(error)}`);
    const known = this.#known(pod);
    if (known.containerStatuses !== undefined || isTerminalPhase(known.phase)) return;
    const { startTime: _, ...status } = this.#generate(pod, emptyPodRuntimeStatus(uidOf(pod)), known);
    statusManager.set(pod, status);
  }

  #rejection(pod: Pod, runtime: PodRuntimeStatus): Rejection | Postponed | undefined {
    const started = this.#known(pod).startTime !== undefined || runtime.sandboxes.length > 0;
    return started ? undefined : this.#options.admit(pod);
  }

  #reject(pod: Pod, runtime: PodRuntimeStatus, { reason, message, conditions: told = [] }: Rejection & Partial<Eviction>): SyncResult {
    const known = this.#known(pod);
    const conditions = [...(known.conditions ?? []), ...told];
    this.#options.statusManager.set(pod, this.#generate(pod, runtime, { ...known, conditions, phase: 'Failed', reason, message }));
    return { terminal: true, retryAtMs: 0 };
  }

  #report(pod: Pod, runtime: PodRuntimeStatus, terminal = false): PodStatus {
    const known = this.#known(pod);
    const status = this.#generate(pod, runtime, known, terminal);
    const { reason, message } = deadlineExceeded;
    if (status.reason === reason && known.reason !== reason) this.#options.events.pod(pod, 'Normal', reason, message);
    this.#options.statusManager.set(pod, status);
    this.#options.probes.statusReported(uidOf(pod), status);
    return status;
  }

  #generate(pod: Pod, runtime: PodRuntimeStatus, known: PodStatus, terminal = false): PodStatus {
    const { waiting, hostIPs, probes, clock, allocations, figures } = this.#options;
    const resize = allocations.state(uidOf(pod));
    return generatePodStatus({ pod: allocations.allocated(pod), resize, runtime, waiting: waiting.get(uidOf(pod)), known, hostIPs, probes, figures, nowMs: clock.now(), terminal });
  }

  #known(pod: Pod): PodStatus {
    return this.#options.statusManager.get(uidOf(pod)) ?? pod.status ?? {};
  }
}
