import type { ContainerStatus } from '@podling/cri';
import type { Container, EphemeralContainer, Pod, PodStatus } from '@podling/shared/api';
import { hasChanged, planInitContainers, unknownStateMessage, type ContainerKill } from './init-container-plan.ts';
import { lostRun } from './lost-container.ts';
import type { ProbeResults } from './probe-results.ts';
import { failedForGood, restartsAfterKill, shouldContainerBeRestarted, type LastRun } from './restart-policy.ts';
import { isRunning, latestContainer, type PodRuntimeStatus } from './runtime.ts';

/** What has to happen for the runtime to match the pod. Upstream twin: kuberuntime `podActions`. */
export interface PodActions {
  /** Stop all that is left of the pod first: its sandbox is dead or missing, or only helpers of a finished app run. */
  killPod: boolean;
  createSandbox: boolean;
  /** The sandbox to use when none is created. */
  sandboxId: string;
  /** Attempt number of the sandbox to create. */
  attempt: number;
  /** The init container whose turn it is, and sidecars. */
  startInit: Container[];
  /** App containers to start. */
  start: Container[];
  startEphemeral: EphemeralContainer[];
  kill: ContainerKill[];
  /** Created but never started: left by a kubelet that died in between. */
  remove: ContainerStatus[];
}

/**
 * Decides from the spec and the runtime's state; what was last `reported` counts for containers the runtime has no
 * record of. Lists of containers are in the order of the spec. Back-off is the caller's.
 */
export function computePodActions(pod: Pod, status: PodRuntimeStatus, reported: PodStatus, probes: ProbeResults): PodActions {
  const actions = actionsForSandbox(pod, status);
  if (actions.killPod) return planFreshSandbox(actions, pod, status, reported);
  actions.remove = status.containers.filter((container) => container.state === 'CONTAINER_CREATED');
  const known = { ...status, containers: status.containers.filter((container) => container.state !== 'CONTAINER_CREATED') };
  actions.startEphemeral = ephemeralToStart(pod, known, reported);
  const init = planInitContainers(pod, inSandbox(known, actions.sandboxId), reported, probes);
  if (init.failed) return { ...actions, killPod: true, startEphemeral: [] };
  actions.startInit = init.start;
  actions.kill = init.kill;
  if (!init.initialized) return actions;
  const isKept = pod.spec.containers.map((container) => planContainer(actions, pod, container, latestContainer(known, container.name), reported, probes));
  if (isKept.some(Boolean) || actions.start.length > 0) return actions;
  return { ...actions, killPod: true, startInit: [], startEphemeral: [], kill: [] };
}

/** Runs in an earlier sandbox do not initialise this one. */
function inSandbox(status: PodRuntimeStatus, sandboxId: string): PodRuntimeStatus {
  return { ...status, containers: status.containers.filter((container) => container.podSandboxId === sandboxId) };
}

/** Each is started once, and never again whatever becomes of it. */
function ephemeralToStart(pod: Pod, status: PodRuntimeStatus, reported: PodStatus): EphemeralContainer[] {
  if (pod.metadata.deletionTimestamp !== undefined) return [];
  const ran = (container: EphemeralContainer): boolean => latestContainer(status, container.name) !== undefined || lostRun(reported, container) !== undefined;
  return (pod.spec.ephemeralContainers ?? []).filter((container) => !ran(container));
}

function actionsForSandbox(pod: Pod, status: PodRuntimeStatus): PodActions {
  const newest = status.sandboxes[0];
  const ready = status.sandboxes.filter((sandbox) => sandbox.state === 'SANDBOX_READY');
  const usable = newest !== undefined && newest.state === 'SANDBOX_READY' && ready.length === 1 && (newest.ip !== '' || newest.network === 'NODE');
  return {
    killPod: !usable,
    createSandbox: !usable && pod.metadata.deletionTimestamp === undefined,
    sandboxId: usable ? newest.id : '',
    attempt: usable ? newest.metadata.attempt : newest === undefined ? 0 : newest.metadata.attempt + 1,
    startInit: [],
    start: [],
    startEphemeral: [],
    kill: [],
    remove: [],
  };
}

/** With a new sandbox, init containers run again and every app container that is not finished for good starts anew. */
function planFreshSandbox(actions: PodActions, pod: Pod, status: PodRuntimeStatus, reported: PodStatus): PodActions {
  const lastRun = (container: Container): LastRun | undefined => latestContainer(status, container.name) ?? lostRun(reported, container);
  const start = pod.spec.containers.filter((container) => startsInFreshSandbox(pod, container, lastRun(container)));
  if (start.length === 0) return { ...actions, createSandbox: false };
  const firstInit = pod.spec.initContainers?.[0];
  if (firstInit === undefined) return { ...actions, start };
  const failed = pod.spec.initContainers?.some((container) => failedForGood(pod, container, lastRun(container)));
  return failed ? { ...actions, createSandbox: false } : { ...actions, startInit: [firstInit] };
}

/** A container that still ran when its sandbox died ends with it: only `Never` keeps it from another run. */
function startsInFreshSandbox(pod: Pod, container: Container, latest: LastRun | undefined): boolean {
  if (latest === undefined || latest.state === 'CONTAINER_CREATED') return true;
  if (latest.state === 'CONTAINER_EXITED') return shouldContainerBeRestarted(pod, container, latest);
  return restartsAfterKill(container, pod.spec);
}

/** Whether the container runs and may go on. */
function planContainer(actions: PodActions, pod: Pod, container: Container, latest: ContainerStatus | undefined, reported: PodStatus, probes: ProbeResults): boolean {
  if (latest === undefined || !isRunning(latest)) {
    if (latest?.state === 'CONTAINER_UNKNOWN') actions.kill.push({ container: latest, message: unknownStateMessage('Container') });
    if (shouldContainerBeRestarted(pod, container, latest ?? lostRun(reported, container))) actions.start.push(container);
    return false;
  }
  const kill = containerKill(container, latest, probes);
  if (kill === undefined) return true;
  const restart = kill.probe === undefined || restartsAfterKill(container, pod.spec);
  actions.kill.push(restart ? { ...kill, message: `${kill.message}, will be restarted` } : kill);
  if (restart) actions.start.push(container);
  return false;
}

function containerKill(container: Container, latest: ContainerStatus, probes: ProbeResults): ContainerKill | undefined {
  const subject = `Container ${container.name}`;
  if (hasChanged(container, latest)) return { container: latest, message: `${subject} definition changed` };
  const failed = (['liveness', 'startup'] as const).find((probe) => probes.get(probe, latest.id)?.result === 'Failure');
  return failed && { container: latest, message: `${subject} failed ${failed} probe`, probe: failed };
}
