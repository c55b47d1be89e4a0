import {
  hostPortsCollide, hostPortsOf, hostPortsTaken, isStaticPod, podRequests, quantityToBytes, quantityToMilli, requiredNodeAffinity, tolerates, uidOf, type Node, type Pod,
} from '@podling/shared/api';
import { isTerminalPhase } from '../status/phase.ts';

/** Why a pod is refused: it becomes Failed with this reason. */
export interface Rejection {
  reason: string;
  message: string;
}

/** What the pod lacks on this node. */
export interface Failure extends Rejection {
  /** Of what others could make room. */
  shortage?: Shortage;
}

export interface Capacity {
  allocatable: Readonly<Record<string, string>>;
  node: Pick<Node, 'metadata' | 'spec'>;
}

export interface Shortage {
  name: string;
  requested: bigint;
  used: bigint;
  capacity: bigint;
}

/**
 * Checks a pod that was bound to this node once more, before anything of it is started; pure. The first failure is the one
 * that is told. Upstream twin: kubelet `lifecycle.generalFilter`.
 */
export function admissionFailures(pod: Pod, others: readonly Pod[], node: Capacity): Failure[] {
  return [...checkResources(pod, others, node), ...checkNodeAffinity(pod, node), ...checkPorts(pod, others), ...checkTaints(pod, node)];
}

export function rejectionOf({ reason, message }: Failure): Rejection {
  return { reason, message: `Pod was rejected: ${message}` };
}

export function capacityOf(node: Node): Capacity {
  return { allocatable: node.status?.allocatable ?? {}, node };
}

/** What no room on the node would mend. Upstream twin: the first checks of `predicateAdmitHandler`. */
export function admitOs({ metadata: { labels = {} }, spec }: Pod): Rejection | undefined {
  const os = 'kubernetes.io/os';
  if (labels[os] !== undefined && labels[os] !== 'linux') {
    return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message: `Pod was rejected: Failed to admit pod as the \`${os}\` label doesn't match node label` };
  }
  if (spec.os !== undefined && spec.os.name !== 'linux') return { reason: 'PodOSNotSupported', message: "Pod was rejected: Failed to admit pod as the OS field doesn't match node OS" };
  return undefined;
}

function predicate(name: string, problem: string): Failure {
  return { reason: name, message: `Predicate ${name} failed: ${problem}` };
}

export const nodeAffinityReason = 'NodeAffinity';

function checkNodeAffinity({ spec }: Pod, { node }: Capacity): Failure[] {
  const matches = requiredNodeAffinity(spec)?.(node) ?? true;
  return matches ? [] : [predicate(nodeAffinityReason, "node(s) didn't match Pod's node affinity/selector")];
}

/** Only what ends pods that run already: a pod that was bound by hand may come past `NoSchedule`. */
function checkTaints(pod: Pod, { node }: Capacity): Failure[] {
  const { tolerations = [] } = pod.spec;
  const untolerated = (node.spec?.taints ?? []).some((taint) => taint.effect === 'NoExecute' && !tolerations.some((toleration) => tolerates(toleration, taint)));
  return untolerated && !isStaticPod(pod) ? [predicate('TaintToleration', "node(s) had taints that the pod didn't tolerate")] : [];
}

function checkResources(pod: Pod, others: readonly Pod[], node: Capacity): Failure[] {
  return shortagesOf(pod, others, node).map((shortage) => {
    const { name, requested, used, capacity } = shortage;
    return { reason: `OutOf${name}`, message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`, shortage };
  });
}

function checkPorts(pod: Pod, others: readonly Pod[]): Failure[] {
  const wanted = hostPortsOf(pod.spec);
  if (wanted.length === 0) return [];
  const used = runningBeside(pod, others).flatMap(({ spec }) => hostPortsOf(spec));
  const isTaken = wanted.some((port) => used.some((other) => hostPortsCollide(port, other)));
  return isTaken ? [predicate('NodePorts', hostPortsTaken)] : [];
}

const runningBeside = (pod: Pod, others: readonly Pod[]): Pod[] =>
  others.filter((other) => uidOf(other) !== uidOf(pod) && !isTerminalPhase(other.status?.phase));

/** The resources that the pod wants more of than the others leave. One that the node does not count is nobody's concern, huge pages aside. */
export function shortagesOf(pod: Pod, others: readonly Pod[], { allocatable }: Capacity): Shortage[] {
  const running = runningBeside(pod, others);
  const names = new Set(['pods', 'cpu', 'memory', 'ephemeral-storage', ...Object.keys(podRequests(pod.spec))]);
  return [...names].filter((name) => allocatable[name] !== undefined || name.startsWith('hugepages-')).flatMap((name) => {
    const requested = requestOf(pod, name);
    const used = requested === 0n ? 0n : running.reduce((sum, other) => sum + requestOf(other, name), 0n);
    const capacity = amountOf(name, allocatable[name]);
    return requested > 0n && used + requested > capacity ? [{ name, requested, used, capacity }] : [];
  });
}

/** What the pod takes of the node at most at one time: milli-CPU, bytes, or pieces. */
export function requestOf({ spec }: Pod, name: string): bigint {
  return name === 'pods' ? 1n : amountOf(name, podRequests(spec)[name]);
}

function amountOf(name: string, quantity = '0'): bigint {
  return name === 'cpu' ? quantityToMilli(quantity) : quantityToBytes(quantity);
}
