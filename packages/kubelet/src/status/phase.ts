import type { Container, ContainerState, ContainerStatus, Pod, PodPhase } from '@podling/shared/api';
import { isSidecar, mayRunAgain } from '../runtime/restart-policy.ts';

export const isTerminalPhase = (phase: PodPhase | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

interface PhaseInput {
  pod: Pod;
  initStatuses: readonly ContainerStatus[];
  statuses: readonly ContainerStatus[];
  /** The app has been started in the present sandbox. */
  initialized: boolean;
  /** Nothing runs any more, and nothing will. */
  terminal: boolean;
}

/** The pod's phase from the states of all its containers. Upstream twin: kubelet `getPhase`. */
export function podPhase({ pod, initStatuses, statuses, initialized, terminal }: PhaseInput): PodPhase {
  if (terminal) return statuses.length > 0 && statuses.every(({ state }) => state?.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
  const init = countInit(pod, initStatuses);
  if (init.failed) return 'Failed';
  const sidecars = countSidecars(pod, initStatuses);
  const app = countApp(pod, statuses);
  if (init.pending || (sidecars.pending && !initialized) || app.waiting + sidecars.waiting > 0) return 'Pending';
  if (app.running + sidecars.running > 0) return 'Running';
  if (app.stopped === 0) return 'Pending';
  if (app.restarting > 0) return 'Running';
  return app.stopped === app.succeeded ? 'Succeeded' : 'Failed';
}

type End = NonNullable<ContainerState['terminated']>;

/** How the container has ended, also if it waits for its next run. */
function endOf(status: ContainerStatus | undefined): End | undefined {
  return status?.state?.terminated ?? (status?.state?.running ? undefined : status?.lastState?.terminated);
}

function each(containers: readonly Container[] | undefined, statuses: readonly ContainerStatus[]): [Container, ContainerStatus | undefined][] {
  return (containers ?? []).map((container) => [container, statuses.find(({ name }) => name === container.name)]);
}

/** `pending`: one has not had its first end; `failed`: one has failed and does not run again. */
function countInit({ spec }: Pod, statuses: readonly ContainerStatus[]): { pending: boolean; failed: boolean } {
  const ends = each(spec.initContainers?.filter((container) => !isSidecar(container)), statuses).map(([container, status]) => ({ container, end: endOf(status) }));
  return {
    pending: ends.some(({ end }) => end === undefined),
    failed: ends.some(({ container, end }) => end !== undefined && end.exitCode !== 0 && !mayRunAgain(container, spec, end.exitCode)),
  };
}

/** How sidecars have ended does not count. */
function countSidecars({ spec }: Pod, statuses: readonly ContainerStatus[]): { pending: boolean; running: number; waiting: number } {
  const own = each(spec.initContainers?.filter(isSidecar), statuses).map(([, status]) => status);
  const waiting = own.filter((status) => !status?.state?.running && endOf(status) === undefined).length;
  const running = own.filter((status) => status?.state?.running);
  return { pending: waiting > 0 || running.some((status) => status?.started !== true), running: running.length, waiting };
}

interface AppCounts {
  waiting: number;
  running: number;
  stopped: number;
  succeeded: number;
  /** Stopped, and to run again. */
  restarting: number;
}

/** A container that waits for its next run counts as stopped, not as waiting. */
function countApp({ spec }: Pod, statuses: readonly ContainerStatus[]): AppCounts {
  const counts: AppCounts = { waiting: 0, running: 0, stopped: 0, succeeded: 0, restarting: 0 };
  for (const [container, status] of each(spec.containers, statuses)) {
    const end = endOf(status);
    if (status?.state?.running) counts.running += 1;
    else if (end === undefined) counts.waiting += 1;
    else {
      counts.stopped += 1;
      if (status?.state?.terminated?.exitCode === 0) counts.succeeded += 1;
      if (mayRunAgain(container, spec, end.exitCode)) counts.restarting += 1;
    }
  }
  return counts;
}
