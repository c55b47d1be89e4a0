import { hostPortsCollide, hostPortsOf, hostPortsTaken } from '@podling/shared/api';
import type { FilterPlugin } from '../framework.ts';

const refusal = [hostPortsTaken];

/** A host port is had by one pod of a node. */
export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  helpfulEvents: ['NodeAdded', 'AssignedPodDeleted'],
  filterFor({ pod }) {
    const wanted = hostPortsOf(pod.spec);
    if (wanted.length === 0) return undefined;
    return ({ usedPorts }) => (wanted.some((port) => usedPorts.some((used) => hostPortsCollide(port, used))) ? refusal : []);
  },
};
