import type { ContainerStatus as RuntimeContainerStatus } from '@podling/cri';
import { formatTime, type Container, type ContainerState, type ContainerStatus, type Pod } from '@podling/shared/api';
import { shouldContainerBeRestarted } from '../runtime/compute-pod-actions.ts';
import { asExited, endOfLost } from '../runtime/lost-container.ts';
import type { PodRuntimeStatus } from '../runtime/runtime.ts';
import { isRunning } from '../runtime/runtime.ts';
import type { WaitingReasons } from '../runtime/waiting-reasons.ts';

type ContainerEnd = NonNullable<ContainerState['terminated']>;

export interface ContainerStatusesInput {
  pod: Pod;
  runtime: PodRuntimeStatus;
  waiting: WaitingReasons;
  /** As last reported. */
  known: readonly ContainerStatus[];
  /** What a container that was never created waits for. */
  defaultReason: 'ContainerCreating' | 'PodInitializing';
  /** Init containers are ready once they have succeeded, app containers while they run. */
  init: boolean;
  /** Nothing runs any more, and nothing will. */
  terminal: boolean;
}

/** API statuses of `containers`, in the order of the spec. */
export function containerStatuses(containers: readonly Container[], input: ContainerStatusesInput): ContainerStatus[] {
  return containers.map((container) => containerStatus(container, input));
}

function containerStatus(container: Container, input: ContainerStatusesInput): ContainerStatus {
  const [latest, previous] = input.runtime.containers.filter(({ metadata }) => metadata.name === container.name);
  const known = input.known.find(({ name }) => name === container.name);
  if (latest === undefined) return neverCreated(container, known, input);
  const status = fromRuntime(container, latest, input);
  if (previous) status.lastState = stateOf(previous);
  const waiting = input.waiting.get(container.name);
  if (waiting === undefined || input.terminal || !shouldContainerBeRestarted(input.pod, latest)) return keepLastState(status, known);
  if (status.state?.terminated) status.lastState = status.state;
  return keepLastState({ ...status, state: { waiting: { ...waiting } } }, known);
}

function fromRuntime(container: Container, latest: RuntimeContainerStatus, input: ContainerStatusesInput): ContainerStatus {
  const running = isRunning(latest);
  const succeeded = latest.state === 'CONTAINER_EXITED' && latest.exitCode === 0;
  return {
    name: container.name,
    state: stateOf(latest),
    lastState: {},
    ready: input.init ? succeeded : running,
    restartCount: latest.metadata.attempt,
    image: latest.image,
    imageID: latest.imageId,
    containerID: containerIdOf(latest),
    started: running,
  };
}

/** The runtime has no record: it is still to be made, or was lost after it had run. */
function neverCreated(container: Container, known: ContainerStatus | undefined, input: ContainerStatusesInput): ContainerStatus {
  const end = endOfLost(known);
  if (known && end && (input.terminal || !shouldContainerBeRestarted(input.pod, asExited(end)))) return afterLoss(known, end, input);
  const waiting = input.waiting.get(container.name) ?? { reason: input.defaultReason };
  return {
    name: container.name,
    state: { waiting },
    lastState: end ? { terminated: end } : {},
    ready: false,
    restartCount: known?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    started: false,
  };
}

function afterLoss(known: ContainerStatus, terminated: ContainerEnd, { init }: ContainerStatusesInput): ContainerStatus {
  return { ...known, state: { terminated }, ready: init && terminated.exitCode === 0, started: false };
}

/** The last end of a container whose record is gone stays in lastState until the next one. */
function keepLastState(status: ContainerStatus, known: ContainerStatus | undefined): ContainerStatus {
  const empty = Object.keys(status.lastState ?? {}).length === 0;
  if (!empty || known === undefined) return status;
  const restarted = known.state?.waiting !== undefined && known.restartCount + 1 === status.restartCount;
  if (!restarted && known.restartCount !== status.restartCount) return status;
  return { ...status, lastState: known.lastState ?? {} };
}

export function containerIdOf(container: { id: string }): string {
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
      finishedAt: timeOf(container.finishedAtMs),
      containerID: containerIdOf(container),
    },
  };
}

function timeOf(milliseconds: number): string {
  return formatTime(new Date(milliseconds));
}
