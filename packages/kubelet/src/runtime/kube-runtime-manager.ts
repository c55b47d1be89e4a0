import { mkdir, writeFile } from 'node:fs/promises';
import type { CriRuntime, PodSandboxConfig } from '@podling/cri';
import { uidOf, type Pod, type PodStatus } from '@podling/shared/api';
import { settleAll, unlessAborted } from '@podling/shared/util';
import type { KeyedBackOff } from '../back-off/keyed-back-off.ts';
import type { ContainerResources } from '../cm/container-resources.ts';
import type { PodCgroups } from '../cm/pod-cgroups.ts';
import { computePodActions, type PodActions } from './compute-pod-actions.ts';
import { planResize, type ContainerResize, type PendingRestart } from './compute-resize.ts';
import { collectGarbage } from './container-gc.ts';
import type { ContainerStarter, StartRequest } from './container-starter.ts';
import type { MountedVolumes } from './container-mounts.ts';
import { errorText } from './error-text.ts';
import { etcHosts } from './etc-hosts.ts';
import type { ContainerKill } from './init-container-plan.ts';
import { specOfContainer, type AnyContainer } from './pod-containers.ts';
import { gracePeriodOf, type PodKiller } from './pod-killer.ts';
import type { PodPaths } from './pod-paths.ts';
import type { PodResizer } from './pod-resizer.ts';
import type { ProbeResults } from './probe-results.ts';
import { mayRun, podIPsOf, readySandbox, type PodRuntimeStatus } from './runtime.ts';
import { sandboxConfig, type SandboxContext } from './sandbox-config.ts';
import type { SecurityDefaults } from './security-context.ts';
import type { SandboxStarter } from './sandbox-starter.ts';
import type { StatusCache } from './status-cache.ts';

export interface NodeContext {
  hostIPs: readonly string[];
  cpuMilli: bigint;
  memoryBytes: bigint;
  ephemeralStorageBytes: bigint;
  clusterDomain: string;
  dns: SandboxContext['dns'];
  security: SecurityDefaults;
}

export interface KubeRuntimeManagerOptions {
  runtime: CriRuntime;
  statuses: StatusCache;
  sandboxes: SandboxStarter;
  containers: ContainerStarter;
  killer: PodKiller;
  cgroups: PodCgroups;
  figures: ContainerResources;
  resizer: PodResizer;
  /** Between two failed attempts to resize. */
  resizeBackOff: KeyedBackOff;
  paths: PodPaths;
  probes: ProbeResults;
  node: NodeContext;
}

/** Not there yet: try again then. */
interface Later {
  retryAtMs: number;
}

export type VolumesOutcome = { volumes: MountedVolumes } | Later;

/** What is to be mounted is known; `mount` does it. */
export type PreparedVolumes = { mount: () => Promise<VolumesOutcome> } | Later;

export interface SyncRequest {
  pod: Pod;
  status: PodRuntimeStatus;
  /** What was last reported of the pod. */
  reported: PodStatus;
  /** Of containers whose resize wants it. Undefined: the pod was never resized. */
  restarts?: readonly PendingRestart[] | undefined;
  /** Called once something is about to start. */
  prepareVolumes: () => Promise<PreparedVolumes>;
  signal: AbortSignal;
}

/** What a start needs. */
interface Prepared {
  config: PodSandboxConfig;
  mount: () => Promise<VolumesOutcome>;
}

export interface SyncOutcome {
  /** The runtime was asked to do something: its state is to be read again. */
  changed: boolean;
  /** When another try is due; 0 = none. */
  retryAtMs: number;
  /** Why running containers could not be resized. */
  resizeError?: string;
}

/**
 * Brings one pod's sandbox and containers to what its spec asks for; every step idempotent.
 * Called by sync-pod, one call at a time per pod. Upstream twin: `kubeGenericRuntimeManager`.
 */
export class KubeRuntimeManager {
  readonly #options: KubeRuntimeManagerOptions;

  constructor(options: KubeRuntimeManagerOptions) {
    this.#options = options;
  }

  async syncPod(request: SyncRequest): Promise<SyncOutcome> {
    const planned = computePodActions(request.pod, request.status, request.reported, this.#options.probes);
    const { actions, updates } = planResize(planned, request.pod, request.status, request.restarts, this.#options.figures);
    const resized = await this.#resize(request.pod, updates);
    const outcome = await this.#act(request, actions);
    return { ...resized, changed: outcome.changed || resized.changed, retryAtMs: earliest(outcome.retryAtMs, resized.retryAtMs) };
  }

  async #act(request: SyncRequest, actions: PodActions): Promise<SyncOutcome> {
    const ended = await this.#end(request, actions);
    if (!wantsStart(actions)) return { changed: ended, retryAtMs: 0 };
    const prepared = await request.prepareVolumes();
    if ('retryAtMs' in prepared) return { changed: ended, retryAtMs: prepared.retryAtMs };
    request.signal.throwIfAborted();
    return this.#start(request, actions, { config: this.#sandboxConfig(request.pod, actions.attempt), mount: prepared.mount }, ended);
  }

  /** An abort ends the waiting, so that the caller can start over with a shorter grace period. */
  async killPod(pod: Pod, status: PodRuntimeStatus, gracePeriodSeconds: number, signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#options.killer.killPod(pod, status, gracePeriodSeconds, signal), signal);
  }

  /** Nothing of the pod stays in the runtime or in the cgroup tree. */
  async removePod(pod: Pod, status: PodRuntimeStatus): Promise<void> {
    await this.#options.killer.removePod(status);
    await this.removeCgroup(pod);
  }

  /** Ends hooks that still run. */
  stop(): void {
    this.#options.killer.stop();
  }

  async removeCgroup(pod: Pod): Promise<void> {
    await this.#options.cgroups.remove(uidOf(pod));
  }

  async #end({ pod, status, signal }: SyncRequest, actions: PodActions): Promise<boolean> {
    const { runtime, paths } = this.#options;
    const mayHold = status.sandboxes.some(({ state }) => actions.createSandbox || state === 'SANDBOX_READY');
    const stale = actions.killPod && (mayHold || status.containers.some(mayRun));
    if (stale) await this.killPod(pod, status, gracePeriodOf(pod, undefined), signal);
    await this.#kill(pod, status, actions.kill, signal);
    for (const { id } of actions.remove) await runtime.removeContainer(id);
    const collected = await collectGarbage(runtime, paths, status);
    return stale || collected || actions.kill.length + actions.remove.length > 0;
  }

  async #kill(pod: Pod, status: PodRuntimeStatus, kills: readonly ContainerKill[], signal: AbortSignal): Promise<void> {
    const podIP = podIPsOf(readySandbox(status), this.#options.node.hostIPs)[0] ?? '';
    const killed = kills.map(({ container: { id: containerId, metadata: { name } }, message, probe }) => {
      const gracePeriodSeconds = gracePeriodOf(pod, specOfContainer(pod, name), probe);
      return this.#options.killer.killContainer({ pod, containerId, name, message, gracePeriodSeconds, podIP, signal });
    });
    await unlessAborted(settleAll(killed), signal);
  }

  async #start(request: SyncRequest, actions: PodActions, { config, mount }: Prepared, ended: boolean): Promise<SyncOutcome> {
    const containers = [...actions.startEphemeral, ...actions.startInit, ...actions.start];
    // What takes longest comes first; it comes to need the cgroup much later, and would make it itself.
    const starting = this.#sandbox(request, actions, config);
    const mounting = mount();
    const first = containers[0];
    const image = actions.createSandbox && first ? mounting.then(() => this.#options.containers.lookAhead(first)) : undefined;
    image?.catch(() => undefined);
    const [sandbox, mounted] = await settleAll([starting, mounting, this.#makeRoom(request.pod, config)]);
    if ('retryAtMs' in sandbox) return { changed: ended, retryAtMs: sandbox.retryAtMs };
    const changed = ended || actions.createSandbox;
    if ('retryAtMs' in mounted) return { changed, retryAtMs: mounted.retryAtMs };
    const podIPs = podIPsOf(sandbox, this.#options.node.hostIPs);
    await this.#writeEtcHosts(request.pod, podIPs);
    const [initial, ...others] = containers.map((container) => this.#startRequest(request, container, { id: sandbox.id, config, volumes: mounted.volumes, podIPs }));
    const outcome = await this.#startAll([...(initial === undefined ? [] : [{ ...initial, ...(image && { image }) }]), ...others]);
    return { changed: changed || outcome.changed, retryAtMs: outcome.retryAtMs };
  }

  /** A resize that fails is told and tried again; the rest of the pod goes on. */
  async #resize(pod: Pod, updates: readonly ContainerResize[]): Promise<SyncOutcome> {
    const { resizer, resizeBackOff } = this.#options;
    const key = `${uidOf(pod)}/resize`;
    if (updates.length === 0) return { changed: false, retryAtMs: 0 };
    const blockedUntil = resizeBackOff.blockedUntil(key);
    if (blockedUntil > 0) return { changed: false, retryAtMs: blockedUntil };
    try {
      await resizer.resize(pod, updates);
      resizeBackOff.reset(key);
      return { changed: true, retryAtMs: 0 };
    } catch (error) {
      resizeBackOff.next(key);
      return { changed: true, retryAtMs: resizeBackOff.blockedUntil(key), resizeError: errorText(error) };
    }
  }

  /** In the order of the spec; one that must wait does not hold up the next. */
  async #startAll(starts: StartRequest[]): Promise<SyncOutcome> {
    const outcome: SyncOutcome = { changed: false, retryAtMs: 0 };
    for (const start of starts) {
      const { started, retryAtMs } = await this.#options.containers.start(start);
      outcome.changed ||= started;
      outcome.retryAtMs = earliest(outcome.retryAtMs, retryAtMs);
    }
    return outcome;
  }

  async #sandbox({ pod, status }: SyncRequest, actions: PodActions, config: PodSandboxConfig) {
    const { sandboxes, runtime } = this.#options;
    const ready = status.sandboxes.find(({ id }) => id === actions.sandboxId);
    if (!actions.createSandbox && ready) return ready;
    const outcome = await sandboxes.start(pod, config);
    if ('retryAtMs' in outcome) return outcome;
    return runtime.podSandboxStatus(outcome.sandboxId);
  }

  #sandboxConfig(pod: Pod, attempt: number): PodSandboxConfig {
    const { cgroups, paths, node } = this.#options;
    return sandboxConfig(pod, attempt, { cgroupParent: cgroups.parentOf(pod), logDirectory: paths.logDir(pod), dns: node.dns });
  }

  async #makeRoom(pod: Pod, { logDirectory }: PodSandboxConfig): Promise<void> {
    const { cgroups, paths } = this.#options;
    await settleAll([
      cgroups.ensure(pod),
      mkdir(logDirectory, { recursive: true }),
      mkdir(paths.podDir(uidOf(pod)), { recursive: true }),
    ]);
  }

  /** Rewritten in place: running containers have this very file mounted. */
  async #writeEtcHosts(pod: Pod, podIPs: readonly string[]): Promise<void> {
    const { paths, node } = this.#options;
    await writeFile(paths.etcHosts(uidOf(pod)), await etcHosts(pod, podIPs, node.clusterDomain));
  }

  #startRequest(
    { pod, status, reported, signal }: SyncRequest,
    container: AnyContainer,
    sandbox: { id: string; config: PodSandboxConfig; volumes: MountedVolumes; podIPs: string[] },
  ): StartRequest {
    const { node, paths, figures } = this.#options;
    const { cpuMilli, memoryBytes, ephemeralStorageBytes, hostIPs } = node;
    const context = {
      environment: { podIPs: sandbox.podIPs, hostIPs: [...hostIPs], nodeAllocatable: { cpuMilli, memoryBytes, ephemeralStorageBytes } },
      figures,
      security: node.security,
      volumes: sandbox.volumes,
      etcHostsPath: paths.etcHosts(uidOf(pod)),
    };
    return { pod, container, status, reported, sandboxId: sandbox.id, sandboxConfig: sandbox.config, context, signal };
  }
}

function wantsStart({ createSandbox, startInit, start, startEphemeral }: PodActions): boolean {
  return createSandbox || startInit.length + start.length + startEphemeral.length > 0;
}

/** 0 means never. */
export function earliest(a: number, b: number): number {
  if (a === 0 || b === 0) return a || b;
  return Math.min(a, b);
}
