import type { ContainerStatus as RuntimeContainerStatus } from '@podling/cri';
import { formatTime, type ContainerState, type ContainerStatus, type Pod } from '@podling/shared/api';
import type { ContainerResources } from '../cm/container-resources.ts';
import { asExited, endOfLost, lostEnd } from '../runtime/lost-container.ts';
import type { AnyContainer } from '../runtime/pod-containers.ts';
import type { ProbeResults } from '../runtime/probe-results.ts';
import { volumeMountStatuses } from '../runtime/recursive-read-only.ts';
import { isSidecar, shouldContainerBeRestarted, type LastRun } from '../runtime/restart-policy.ts';
import type { PodRuntimeStatus } from '../runtime/runtime.ts';
import { isRunning, latestContainer } from '../runtime/runtime.ts';
import type { WaitingReasons } from '../runtime/waiting-reasons.ts';
import { containerResources } from './container-resources.ts';

type ContainerEnd = NonNullable<ContainerState['terminated']>;

export interface ContainerStatusesInput {
  pod: Pod;
  runtime: PodRuntimeStatus;
  waiting: WaitingReasons;
  probes: ProbeResults;
  figures: Pick<ContainerResources, 'cgroupResources'>;
  /** As last reported. */
  known: readonly ContainerStatus[];
  /** What a container that was never created waits for. */
  defaultReason: 'ContainerCreating' | 'PodInitializing';
  /** Of which list of the spec they are. */
  kind: 'app' | 'init' | 'ephemeral';
  /** Nothing runs any more, and nothing will. */
  terminal: boolean;
}

/** API statuses of `containers`, in the order of the spec. Upstream twins: `convertToAPIContainerStatuses`, prober `UpdatePodStatus`. */
export function containerStatuses(containers: readonly AnyContainer[], input: ContainerStatusesInput): ContainerStatus[] {
  return containers.map((container) => ({ ...containerStatus(container, input), ...volumeMountsOf(container) }));
}

function volumeMountsOf({ volumeMounts = [] }: AnyContainer): Pick<ContainerStatus, 'volumeMounts'> {
  return volumeMounts.length === 0 ? {} : { volumeMounts: volumeMountStatuses(volumeMounts) };
}

function containerStatus(container: AnyContainer, input: ContainerStatusesInput): ContainerStatus {
  const runs = input.runtime.containers.filter(({ metadata }) => metadata.name === container.name);
  const [latest, previous] = input.terminal ? runs.filter(({ state }) => state !== 'CONTAINER_CREATED') : runs;
  const known = input.known.find(({ name }) => name === container.name);
  if (latest === undefined) return neverCreated(container, known, input);
  const status = fromRuntime(container, latest, known, input);
  if (previous) status.lastState = stateOf(previous);
  const waiting = input.waiting.get(container.name);
  if (waiting === undefined || !runsAgain(container, latest, input)) return keepLastState(status, known);
  if (status.state?.terminated) status.lastState = status.state;
  return keepLastState({ ...status, state: { waiting: { ...waiting } } }, known);
}

/** Whether the container is to be started after this last run of it. */
function runsAgain(container: AnyContainer, last: LastRun, { pod, kind, terminal }: ContainerStatusesInput): boolean {
  if (terminal || kind === 'ephemeral') return false;
  const done = kind === 'init' && last.state === 'CONTAINER_EXITED' && last.exitCode === 0 && !isSidecar(container);
  return !done && shouldContainerBeRestarted(pod, container, last);
}

function fromRuntime(container: AnyContainer, latest: RuntimeContainerStatus, known: ContainerStatus | undefined, input: ContainerStatusesInput): ContainerStatus {
  const stopSignal = container.lifecycle?.stopSignal;
  return {
    name: container.name,
    state: stateOf(latest),
    lastState: {},
    restartCount: latest.metadata.attempt,
    image: latest.image,
    imageID: latest.imageId,
    containerID: containerIdOf(latest),
    ...readiness(container, latest, known?.containerID === containerIdOf(latest) ? known : undefined, input),
    ...(input.kind === 'ephemeral' ? {} : containerResources(container, latest, input.figures.cgroupResources(input.pod, container))),
    ...(latest.user === undefined ? {} : { user: { linux: latest.user } }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
  };
}

/** `before`: what was reported of this very run. It holds until the probes of a new kubelet have decided. */
function readiness(container: AnyContainer, latest: RuntimeContainerStatus, before: ContainerStatus | undefined, { kind, probes }: ContainerStatusesInput): Pick<ContainerStatus, 'ready' | 'started'> {
  const running = isRunning(latest);
  if (kind === 'ephemeral') return { ready: false };
  const startup = probes.get('startup', latest.id)?.result;
  const started = running && (startup === undefined ? container.startupProbe === undefined || before?.started === true : startup === 'Success');
  if (kind === 'init' && !isSidecar(container)) return { ready: latest.state === 'CONTAINER_EXITED' && latest.exitCode === 0, started };
  const verdict = probes.get('readiness', latest.id)?.result;
  const ready = verdict === undefined ? container.readinessProbe === undefined || before?.ready === true : verdict === 'Success';
  return { ready: started && ready, started };
}

/** The runtime has no record: it is still to be made, or was lost after it had run. */
function neverCreated(container: AnyContainer, known: ContainerStatus | undefined, input: ContainerStatusesInput): ContainerStatus {
  const end = endOfLost(known);
  if (known && end && !runsAgain(container, asExited(end), input)) return afterLoss(container, known, end, input);
  const waiting = input.waiting.get(container.name) ?? { reason: input.defaultReason };
  const done = mustHaveSucceeded(container, input);
  const state = done ? { terminated: forgottenSuccess } : isMissed(input) ? { terminated: lostEnd } : { waiting };
  return {
    name: container.name,
    state,
    lastState: end && !done ? { terminated: end } : {},
    ready: done,
    restartCount: known?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    ...(input.kind === 'ephemeral' ? {} : { started: false }),
  };
}

const forgottenSuccess: ContainerEnd = {
  exitCode: 0,
  reason: 'Completed',
  message: 'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally',
};

/** The app would not have been started before its init containers were done. */
function mustHaveSucceeded(container: AnyContainer, { kind, pod, runtime }: ContainerStatusesInput): boolean {
  return kind === 'init' && !isSidecar(container) && pod.spec.containers.some(({ name }) => latestContainer(runtime, name) !== undefined);
}

/** Nobody can say of a container whose turn had come whether it ran before the pod ended. */
function isMissed({ kind, terminal, pod, runtime }: ContainerStatusesInput): boolean {
  const last = pod.spec.initContainers?.at(-1);
  const run = last && latestContainer(runtime, last.name);
  return kind === 'app' && terminal && (last === undefined || (run !== undefined && (isSidecar(last) || (run.state === 'CONTAINER_EXITED' && run.exitCode === 0))));
}

function afterLoss(container: AnyContainer, known: ContainerStatus, terminated: ContainerEnd, { kind }: ContainerStatusesInput): ContainerStatus {
  return {
    ...known,
    state: { terminated },
    ...(known.state?.waiting ? { lastState: {} } : {}),
    ready: kind === 'init' && !isSidecar(container) && terminated.exitCode === 0,
    ...(kind === 'ephemeral' ? {} : { started: false }),
  };
}

/** The last end of a container whose record is gone stays in lastState until the next one. */
function keepLastState(status: ContainerStatus, known: ContainerStatus | undefined): ContainerStatus {
  const empty = Object.keys(status.lastState ?? {}).length === 0;
  if (!empty || known === undefined) return status;
  const restarted = known.state?.waiting !== undefined && known.restartCount + 1 === status.restartCount;
  if (!restarted && known.restartCount !== status.restartCount) return status;
  return { ...status, lastState: known.lastState ?? {} };
}

function containerIdOf(container: { id: string }): string {
  return `containerd://${container.id}`;
}

function stateOf(container: RuntimeContainerStatus): ContainerState {
  if (container.state === 'CONTAINER_RUNNING') return { running: { startedAt: timeOf(container.startedAtMs) } };
  if (container.state === 'CONTAINER_CREATED') return { waiting: { reason: 'ContainerCreating' } };
  const unknown = container.state === 'CONTAINER_UNKNOWN';
  const message = container.message === '' ? {} : { message: container.message };
  return {
    terminated: {
      exitCode: unknown ? 137 : container.exitCode,
      reason: unknown ? 'ContainerStatusUnknown' : container.reason || (container.exitCode === 0 ? 'Completed' : 'Error'),
      ...message,
      startedAt: timeOf(container.startedAtMs),
      ...(container.finishedAtMs === 0 ? {} : { finishedAt: timeOf(container.finishedAtMs) }),
      containerID: containerIdOf(container),
    },
  };
}

function timeOf(milliseconds: number): string {
  return formatTime(new Date(milliseconds));
}
