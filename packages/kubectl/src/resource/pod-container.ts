import type { Container, Pod } from '@podling/shared/api';
import { CommandError } from '../errors.ts';

export const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

type AnyContainer = Pick<Container, 'name' | 'tty' | 'stdin' | 'ports'>;

function groups({ spec }: Pod): [mark: string, containers: readonly AnyContainer[]][] {
  return [['', spec.containers], [' (ephem)', spec.ephemeralContainers ?? []], [' (init)', spec.initContainers ?? []]];
}

/** In the order in which they start. */
export function containersInOrder({ spec }: Pod): readonly AnyContainer[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

/** Of any sort; undefined when the pod has none of that name. */
export function findContainer(pod: Pod, name: string): AnyContainer | undefined {
  return groups(pod).flatMap(([, containers]) => containers).find((container) => container.name === name);
}

function allContainerNames(pod: Pod): string {
  return groups(pod).flatMap(([mark, containers]) => containers.map(({ name }) => `${name}${mark}`)).join(', ');
}

/** The container asked for, else the annotation's, else the first, with a word about it when there are others. */
export function chooseContainer(pod: Pod, asked: string | undefined, tell: (line: string) => void): AnyContainer {
  const [first] = pod.spec.containers;
  if (first === undefined) throw new CommandError(`pod ${pod.metadata.namespace}/${pod.metadata.name} does not have any containers`);
  const name = asked ?? pod.metadata.annotations?.[DEFAULT_CONTAINER] ?? '';
  if (name !== '') {
    const container = findContainer(pod, name);
    if (container === undefined) throw new CommandError(`container ${name} is not valid for pod ${pod.metadata.name} out of: ${allContainerNames(pod)}`);
    return container;
  }
  if (groups(pod).flatMap(([, containers]) => containers).length > 1) tell(`Defaulted container "${first.name}" out of: ${allContainerNames(pod)}\n`);
  return first;
}
