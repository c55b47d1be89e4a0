import { aggregateRequests, hostPortsCollide, hostPortsOf, hostPortsTaken, quantityToBytes, quantityToMilli, uidOf, type Node, type Pod } from '@podling/shared/api';
import { isTerminalPhase } from '../status/phase.ts';

/** Why a pod is refused: it becomes Failed with this reason. */
export interface Rejection {
  reason: string;
  message: string;
}

export interface Capacity {
  allocatable: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
}

/**
 * Checks a pod that was bound to this node once more, before anything of it is started; pure.
 * Upstream twin: kubelet `lifecycle.predicateAdmitHandler`.
 */
export function admitPod(pod: Pod, others: readonly Pod[], node: Capacity): Rejection | undefined {
  return checkSelector(pod, node) ?? checkResources(pod, others, node) ?? checkPorts(pod, others);
}

export function capacityOf(node: Node): Capacity {
  return { allocatable: node.status?.allocatable ?? {}, labels: node.metadata.labels ?? {} };
}

function checkSelector(pod: Pod, { labels }: Capacity): Rejection | undefined {
  const mismatch = Object.entries(pod.spec.nodeSelector ?? {}).some(([key, value]) => labels[key] !== value);
  return mismatch ? { reason: 'NodeAffinity', message: 'Pod was rejected: Predicate NodeAffinity failed: node(s) didn\'t match Pod\'s node affinity/selector' } : undefined;
}

const resources: Record<string, { wanted: (pod: Pod) => bigint; parse: (quantity: string) => bigint }> = {
  pods: { wanted: () => 1n, parse: (quantity) => BigInt(quantity) },
  cpu: { wanted: (pod) => requested(pod, 'cpu', quantityToMilli), parse: quantityToMilli },
  memory: { wanted: (pod) => requested(pod, 'memory', quantityToBytes), parse: quantityToBytes },
};

function checkResources(pod: Pod, others: readonly Pod[], node: Capacity): Rejection | undefined {
  const short = shortageOf(pod, others, node);
  if (short === undefined) return undefined;
  const figures = `requested: ${short.requested}, used: ${short.used}, capacity: ${short.capacity}`;
  return { reason: `OutOf${short.name}`, message: `Pod was rejected: Node didn't have enough resource: ${short.name}, ${figures}` };
}

function checkPorts(pod: Pod, others: readonly Pod[]): Rejection | undefined {
  const wanted = hostPortsOf(pod.spec);
  if (wanted.length === 0) return undefined;
  const used = runningBeside(pod, others).flatMap(({ spec }) => hostPortsOf(spec));
  const isTaken = wanted.some((port) => used.some((other) => hostPortsCollide(port, other)));
  return isTaken ? { reason: 'NodePorts', message: `Pod was rejected: Predicate NodePorts failed: ${hostPortsTaken}` } : undefined;
}

const runningBeside = (pod: Pod, others: readonly Pod[]): Pod[] =>
  others.filter((other) => uidOf(other) !== uidOf(pod) && !isTerminalPhase(other.status?.phase));

interface Shortage {
  name: string;
  requested: bigint;
  used: bigint;
  capacity: bigint;
}

/** The first resource that the pod wants more of than the others leave. */
export function shortageOf(pod: Pod, others: readonly Pod[], { allocatable }: Capacity): Shortage | undefined {
  const running = runningBeside(pod, others);
  for (const [name, { wanted, parse }] of Object.entries(resources)) {
    const quantity = allocatable[name];
    if (quantity === undefined) continue;
    const used = running.reduce((sum, other) => sum + wanted(other), 0n);
    const requested = wanted(pod);
    const capacity = parse(quantity);
    if (requested > 0n && used + requested > capacity) return { name, requested, used, capacity };
  }
  return undefined;
}

/** What the containers ask for at most at one time. */
function requested({ spec }: Pod, resource: 'cpu' | 'memory', parse: (quantity: string) => bigint): bigint {
  return parse(aggregateRequests(spec)[resource] ?? '0');
}
