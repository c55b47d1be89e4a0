import type { ContainerStatus as RuntimeContainerStatus } from '@podling/cri';
import type { ContainerState, ContainerStatus, PodStatus } from '@podling/shared/api';

type ContainerEnd = NonNullable<ContainerState['terminated']>;

/**
 * How a container ended of which the runtime has no record, from what was last reported of it. One that ran then was
 * killed with the runtime or the node; one that was only waiting for its first run never ran: undefined.
 */
export function endOfLost(known: ContainerStatus | undefined): ContainerEnd | undefined {
  if (known === undefined) return undefined;
  const { state, lastState, containerID } = known;
  if (state?.terminated) return state.terminated;
  if (state?.waiting || containerID === undefined) return lastState?.terminated;
  return {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    containerID,
  };
}

/** As the runtime would show it. */
export function asExited({ exitCode }: ContainerEnd): Pick<RuntimeContainerStatus, 'state' | 'exitCode'> {
  return { state: 'CONTAINER_EXITED', exitCode };
}

/** What was last reported of an app or init container. */
export function reportedContainer(known: PodStatus, name: string): ContainerStatus | undefined {
  return [...(known.containerStatuses ?? []), ...(known.initContainerStatuses ?? [])].find((status) => status.name === name);
}
