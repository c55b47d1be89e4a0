import { formatTime } from '@podling/shared/api';
import type { Node, Taint } from '@podling/shared/api';

type Effect = Taint['effect'];

const prefix = 'node.kubernetes.io/';

/** Condition type and status that call for a taint, which keeps new pods away. */
const noScheduleRules: readonly [type: string, status: string, key: string][] = [
  ['Ready', 'False', 'not-ready'],
  ['Ready', 'Unknown', 'unreachable'],
  ['MemoryPressure', 'True', 'memory-pressure'],
  ['DiskPressure', 'True', 'disk-pressure'],
  ['PIDPressure', 'True', 'pid-pressure'],
  ['NetworkUnavailable', 'True', 'network-unavailable'],
];

/** Those of them that also drive pods off. */
const noExecuteKeys = new Set(['not-ready', 'unreachable']);

const owned = new Set([
  ...[...noScheduleRules.map(([, , key]) => key), 'unschedulable'].map((key) => `${prefix}${key}:NoSchedule`),
  ...[...noExecuteKeys].map((key) => `${prefix}${key}:NoExecute`),
]);

/**
 * The taints that follow from the node's conditions and from `spec.unschedulable`, beside those that others have put
 * there. Undefined when the node has them already. A node that never said whether it is Ready keeps what it registered
 * with. Kubernetes concept: "Taint nodes by condition".
 */
export function desiredTaints(node: Node, nowMs: number): Taint[] | undefined {
  const present = node.spec?.taints ?? [];
  if (!node.status?.conditions?.some(({ type }) => type === 'Ready')) return undefined;
  const wanted = wantedTaints(node);
  const kept = present.filter((taint) => !owned.has(idOf(taint)) || wanted.some((other) => idOf(other) === idOf(taint)));
  const missing = wanted.filter((taint) => !present.some((other) => idOf(other) === idOf(taint)));
  if (missing.length === 0 && kept.length === present.length) return undefined;
  const timeAdded = formatTime(new Date(nowMs));
  return [...kept, ...missing.map((taint) => ({ ...taint, timeAdded }))];
}

function wantedTaints(node: Node): Taint[] {
  const keys = noScheduleRules
    .filter(([type, status]) => node.status?.conditions?.some((condition) => condition.type === type && condition.status === status))
    .map(([, , key]) => key);
  if (node.spec?.unschedulable === true) keys.push('unschedulable');
  const taint = (key: string, effect: Effect): Taint => ({ key: `${prefix}${key}`, effect });
  return [
    ...keys.map((key) => taint(key, 'NoSchedule')),
    ...keys.filter((key) => noExecuteKeys.has(key)).map((key) => taint(key, 'NoExecute')),
  ];
}

function idOf({ key, effect }: Taint): string {
  return `${key}:${effect}`;
}
