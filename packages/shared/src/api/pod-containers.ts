import type { Container, EphemeralContainer } from './container.ts';
import type { PodSpec } from './pod.ts';

export type AnyContainer = Container | EphemeralContainer;

/** All containers of a pod with their paths: init containers first, as Kubernetes walks them. */
export function containersOf(spec: PodSpec, path: string): [container: AnyContainer, path: string][] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, index): [AnyContainer, string] => [container, `${path}.${list}[${index}]`]));
}
