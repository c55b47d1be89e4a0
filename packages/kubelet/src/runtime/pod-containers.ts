import type { Container, EphemeralContainer, Pod, PodSpec } from '@podling/shared/api';

export type AnyContainer = Container | EphemeralContainer;

/** All containers of a pod: of the app first. */
export function allContainers({ containers, initContainers = [], ephemeralContainers = [] }: PodSpec): AnyContainer[] {
  return [...containers, ...initContainers, ...ephemeralContainers];
}

export function specOfContainer({ spec }: Pod, name: string): AnyContainer | undefined {
  return allContainers(spec).find((container) => container.name === name);
}
