import type { ContainerStatus } from '@podling/cri';
import type { Container, Pod, PodStatus } from '@podling/shared/api';
import { containerHashAnnotation, hashContainer } from './labels.ts';
import { asExited, endOfLost, reportedContainer } from './lost-container.ts';
import type { ProbeResults } from './probe-results.ts';
import type { PodRuntimeStatus } from './runtime.ts';
import { isRunning, latestContainer } from './runtime.ts';

/** What has to happen for the runtime to match the pod. Upstream twin: kuberuntime `podActions`. */
export interface PodActions {
  /** Stop all that is left of the pod first: its sandbox is dead or missing. */
  killPod: boolean;
  createSandbox: boolean;
  /** The sandbox to use when none is created. */
  sandboxId: string;
  /** Attempt number of the sandbox to create. */
  attempt: number;
  /** The init container whose turn it is. */
  startInit?: Container;
  /** App containers to start, in the order of the spec. */
  start: Container[];
  kill: { container: ContainerStatus; message: string }[];
  /** Created but never started: left by a kubelet that died in between. */
  remove: ContainerStatus[];
}

/** What of a container's last run decides about the next. */
type LastRun = Pick<ContainerStatus, 'state' | 'exitCode'>;

/**
 * Decides from the spec and the runtime's state; what was last `reported` counts for containers the runtime has no
 * record of. Back-off is the caller's.
 */
export function computePodActions(pod: Pod, status: PodRuntimeStatus, reported: PodStatus, _probes: ProbeResults): PodActions {
  const actions = actionsForSandbox(pod, status);
  if (actions.killPod) return planFreshSandbox(actions, pod, status, reported);
  actions.remove = status.containers.filter((container) => container.state === 'CONTAINER_CREATED');
  const known = { ...status, containers: status.containers.filter((container) => container.state !== 'CONTAINER_CREATED') };
  const { done, next } = nextInitContainer(pod, inSandbox(known, actions.sandboxId), reported);
  if (!done) return next ? { ...actions, startInit: next } : actions;
  for (const container of pod.spec.containers) planContainer(actions, pod, container, latestContainer(known, container.name), reported);
  return actions;
}

/** Runs in an earlier sandbox do not initialise this one. */
function inSandbox(status: PodRuntimeStatus, sandboxId: string): PodRuntimeStatus {
  return { ...status, containers: status.containers.filter((container) => container.podSandboxId === sandboxId) };
}

/** Whether restartPolicy asks for another run after this one. */
export function shouldContainerBeRestarted(pod: Pod, latest: LastRun | undefined): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  if (latest === undefined || latest.state !== 'CONTAINER_EXITED') return latest === undefined || !isRunning(latest);
  if (pod.spec.restartPolicy === 'Never') return false;
  return pod.spec.restartPolicy !== 'OnFailure' || latest.exitCode !== 0;
}

/** The next init container to run; `done` when all have succeeded, neither when one runs or has failed for good. */
export function nextInitContainer(pod: Pod, status: PodRuntimeStatus, reported: PodStatus): { done: boolean; next?: Container } {
  const appStarted = pod.spec.containers.some((container) => latestContainer(status, container.name) !== undefined);
  if (appStarted) return { done: true };
  for (const container of pod.spec.initContainers ?? []) {
    const latest = latestContainer(status, container.name);
    if (latest?.state === 'CONTAINER_EXITED' && latest.exitCode === 0) continue;
    if (latest && isRunning(latest)) return { done: false };
    const failed = failedForGood(pod, latest ?? lostRun(reported, container));
    return !failed && shouldInitRun(pod, latest) ? { done: false, next: container } : { done: false };
  }
  return { done: true };
}

function shouldInitRun(pod: Pod, latest: ContainerStatus | undefined): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  return latest === undefined || pod.spec.restartPolicy !== 'Never';
}

function actionsForSandbox(pod: Pod, status: PodRuntimeStatus): PodActions {
  const newest = status.sandboxes[0];
  const ready = status.sandboxes.filter((sandbox) => sandbox.state === 'SANDBOX_READY');
  const usable = newest !== undefined && newest.state === 'SANDBOX_READY' && ready.length === 1 && newest.ip !== '';
  return {
    killPod: !usable,
    createSandbox: !usable && pod.metadata.deletionTimestamp === undefined,
    sandboxId: usable ? newest.id : '',
    attempt: usable ? newest.metadata.attempt : newest === undefined ? 0 : newest.metadata.attempt + 1,
    start: [],
    kill: [],
    remove: [],
  };
}

/** With a new sandbox, init containers run again and every app container that is not finished for good starts anew. */
function planFreshSandbox(actions: PodActions, pod: Pod, status: PodRuntimeStatus, reported: PodStatus): PodActions {
  const lastRun = (container: Container): LastRun | undefined => latestContainer(status, container.name) ?? lostRun(reported, container);
  const start = pod.spec.containers.filter((container) => startsInFreshSandbox(pod, lastRun(container)));
  if (start.length === 0) return { ...actions, createSandbox: false };
  const firstInit = pod.spec.initContainers?.[0];
  if (firstInit === undefined) return { ...actions, start };
  const failed = pod.spec.initContainers?.some((container) => failedForGood(pod, lastRun(container)));
  return failed ? { ...actions, createSandbox: false } : { ...actions, startInit: firstInit };
}

/** A container that still ran when its sandbox died ends with it: only `Never` keeps it from another run. */
function startsInFreshSandbox(pod: Pod, latest: LastRun | undefined): boolean {
  if (latest === undefined || latest.state === 'CONTAINER_CREATED') return true;
  if (pod.spec.restartPolicy === 'Never') return false;
  return isRunning(latest) || shouldContainerBeRestarted(pod, latest);
}

/** Of a container the runtime has no record of, though it ran. */
function lostRun(reported: PodStatus, { name }: Container): LastRun | undefined {
  const end = endOfLost(reportedContainer(reported, name));
  return end && asExited(end);
}

function failedForGood(pod: Pod, latest: LastRun | undefined): boolean {
  return pod.spec.restartPolicy === 'Never' && latest?.state === 'CONTAINER_EXITED' && latest.exitCode !== 0;
}

function planContainer(actions: PodActions, pod: Pod, container: Container, latest: ContainerStatus | undefined, reported: PodStatus): void {
  if (latest === undefined || !isRunning(latest)) {
    if (latest?.state === 'CONTAINER_UNKNOWN') actions.kill.push({ container: latest, message: unknownStateMessage(container) });
    if (shouldContainerBeRestarted(pod, latest ?? lostRun(reported, container))) actions.start.push(container);
    return;
  }
  const hash = latest.annotations[containerHashAnnotation];
  if (hash === undefined || hash === hashContainer(container)) return;
  actions.kill.push({ container: latest, message: `Container ${container.name} definition changed, will be restarted` });
  if (pod.spec.restartPolicy !== 'Never') actions.start.push(container);
}

function unknownStateMessage({ name }: Container): string {
  return `Container "${name}" is in unknown state, try killing it before restart`;
}
