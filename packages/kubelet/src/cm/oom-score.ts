import { aggregateRequests, qosClassOf, quantityToBytes, type Container, type Pod } from '@podling/shared/api';

const guaranteed = -997;
const bestEffort = 1_000;

/**
 * How much sooner than others the kernel ends a process of the container when memory runs out: those that use more than they
 * asked for come before those that do not. Upstream twin: qos `GetContainerOOMScoreAdjust`.
 */
export function oomScoreAdjOf(pod: Pod, container: Container, nodeMemoryBytes: bigint): number {
  if (pod.spec.priorityClassName === 'system-node-critical') return guaranteed;
  const qosClass = qosClassOf(pod.spec);
  if (qosClass === 'Guaranteed') return guaranteed;
  if (qosClass === 'BestEffort') return bestEffort;
  const extra = unassignedRequest(pod);
  const adjust = (request: bigint): number => 1_000 - Number((1_000n * (request + extra)) / (nodeMemoryBytes || 1n));
  const own = adjust(memoryRequestOf(container));
  const score = isSidecar(pod, container) ? Math.min(own, adjust(smallestRequest(pod))) : own;
  return Math.min(Math.max(score, 1_000 + guaranteed), bestEffort - 1);
}

function memoryRequestOf({ resources }: Container): bigint {
  const quantity = resources?.requests?.['memory'] ?? resources?.limits?.['memory'];
  return quantity === undefined ? 0n : quantityToBytes(quantity);
}

function smallestRequest({ spec }: Pod): bigint {
  const requests = spec.containers.map(memoryRequestOf);
  return requests.reduce((least, request) => (request < least ? request : least), requests[0] ?? 0n);
}

/** A container's share of what the pod as a whole asks for and no container does. */
function unassignedRequest({ spec }: Pod): bigint {
  const ofPod = spec.resources?.requests?.['memory'];
  if (ofPod === undefined) return 0n;
  const rest = quantityToBytes(ofPod) - quantityToBytes(aggregateRequests(spec)['memory'] ?? '0');
  return rest / BigInt(spec.containers.length + (spec.initContainers ?? []).length);
}

function isSidecar({ spec }: Pod, { name, restartPolicy }: Container): boolean {
  return restartPolicy === 'Always' && (spec.initContainers ?? []).some((container) => container.name === name);
}
