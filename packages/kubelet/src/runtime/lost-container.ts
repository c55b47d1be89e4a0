import type { Container, ContainerState, ContainerStatus, PodStatus } from '@podling/shared/api';
import type { LastRun } from './restart-policy.ts';

type ContainerEnd = NonNullable<ContainerState['terminated']>;

/** Of a container that nobody saw end. */
export const lostEnd: ContainerEnd = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
};

/**
 * How a container ended of which the runtime has no record, from what was last reported of it. One that ran then was
 * killed with the runtime or the node; one that was only waiting for its first run never ran: undefined.
 */
export function endOfLost(known: ContainerStatus | undefined): ContainerEnd | undefined {
  if (known === undefined) return undefined;
  const { state, lastState, containerID } = known;
  if (state?.terminated) return state.terminated;
  if (state?.waiting || containerID === undefined) return lastState?.terminated;
  return { ...lostEnd, containerID };
}

/** As the runtime would show it. */
export function asExited({ exitCode }: ContainerEnd): LastRun {
  return { state: 'CONTAINER_EXITED', exitCode };
}

/** The last run of a container that the runtime has no record of, though it ran. */
export function lostRun(reported: PodStatus, { name }: Pick<Container, 'name'>): LastRun | undefined {
  const end = endOfLost(reportedContainer(reported, name));
  return end && asExited(end);
}

/** What was last reported of a container. */
export function reportedContainer({ containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] }: PodStatus, name: string): ContainerStatus | undefined {
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find((status) => status.name === name);
}
