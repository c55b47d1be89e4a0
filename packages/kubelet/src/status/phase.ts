import type { ContainerStatus, Pod, PodPhase } from '@podling/shared/api';

export const isTerminalPhase = (phase: PodPhase | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

interface PhaseInput {
  pod: Pod;
  initStatuses: readonly ContainerStatus[];
  statuses: readonly ContainerStatus[];
  /** Nothing runs any more, and nothing will. */
  terminal: boolean;
}

/** The pod's phase from the states of all its containers. Upstream twin: kubelet `getPhase`. */
export function podPhase({ pod, initStatuses, statuses, terminal }: PhaseInput): PodPhase {
  if (terminal) return terminalPhase(initStatuses, statuses);
  const init = initPhase(pod, initStatuses, statuses);
  if (init !== undefined) return init;
  const counts = count(statuses);
  if (counts.waiting > 0) return 'Pending';
  if (counts.running > 0) return 'Running';
  if (counts.stopped === 0) return 'Pending';
  return pod.spec.restartPolicy === 'Never' || pod.spec.restartPolicy === 'OnFailure'
    ? finishedPhase(pod.spec.restartPolicy, counts)
    : 'Running';
}

interface Counts {
  waiting: number;
  running: number;
  stopped: number;
  succeeded: number;
}

/** A container that waits for its next run counts as stopped, not as waiting. */
function count(statuses: readonly ContainerStatus[]): Counts {
  const counts: Counts = { waiting: 0, running: 0, stopped: 0, succeeded: 0 };
  for (const { state, lastState } of statuses) {
    const terminated = state?.terminated;
    if (state?.running) counts.running += 1;
    else if (terminated) counts.stopped += 1;
    else if (lastState?.terminated) counts.stopped += 1;
    else counts.waiting += 1;
    if (terminated?.exitCode === 0) counts.succeeded += 1;
  }
  return counts;
}

function finishedPhase(restartPolicy: 'Never' | 'OnFailure', { stopped, succeeded }: Counts): PodPhase {
  if (stopped === succeeded) return 'Succeeded';
  return restartPolicy === 'Never' ? 'Failed' : 'Running';
}

/** A phase decided by the init containers alone, if they have not all succeeded. */
function initPhase(pod: Pod, initStatuses: readonly ContainerStatus[], statuses: readonly ContainerStatus[]): PodPhase | undefined {
  if (statuses.some(({ containerID }) => containerID !== undefined)) return undefined;
  if (initStatuses.every(({ ready }) => ready)) return undefined;
  const failed = initStatuses.some(({ state }) => state?.terminated !== undefined && state.terminated.exitCode !== 0);
  return failed && pod.spec.restartPolicy === 'Never' ? 'Failed' : 'Pending';
}

function terminalPhase(initStatuses: readonly ContainerStatus[], statuses: readonly ContainerStatus[]): PodPhase {
  const all = [...initStatuses, ...statuses];
  const good = all.every(({ state }) => state?.terminated?.exitCode === 0);
  return good && statuses.length > 0 ? 'Succeeded' : 'Failed';
}
