import type { FilterPlugin, NodeInfo, PodInfo } from '../framework.ts';

/** What the pod requests must be free on the node: its own requests count, not what its containers really use. */
export const nodeResourcesFit: FilterPlugin = {
  name: 'NodeResourcesFit',
  helpfulEvents: ['NodeAdded', 'NodeAllocatableChanged', 'AssignedPodDeleted'],
  filterFor(pod) {
    return (node) => shortages(pod, node);
  },
};

const none: readonly string[] = [];

function shortages({ requests }: PodInfo, node: NodeInfo): readonly string[] {
  const { allocatable, requested } = node;
  const missing: string[] = [];
  if (node.podCount + 1 > node.allocatablePods) missing.push('Too many pods');
  if (lacks(requests.milliCpu, requested.milliCpu, allocatable.milliCpu)) missing.push('Insufficient cpu');
  if (lacks(requests.memoryBytes, requested.memoryBytes, allocatable.memoryBytes)) missing.push('Insufficient memory');
  if (lacks(requests.ephemeralStorageBytes, requested.ephemeralStorageBytes, allocatable.ephemeralStorageBytes)) {
    missing.push('Insufficient ephemeral-storage');
  }
  for (const [name, amount] of Object.entries(requests.scalars)) {
    if (lacks(amount, requested.scalars[name] ?? 0, allocatable.scalars[name] ?? 0)) missing.push(`Insufficient ${name}`);
  }
  return missing.length === 0 ? none : missing;
}

/** A pod that asks for none of a resource fits even where too much of it was promised. */
function lacks(amount: number, requested: number, allocatable: number): boolean {
  return amount > 0 && amount > allocatable - requested;
}
