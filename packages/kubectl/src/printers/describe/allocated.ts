import { formatBytes, formatMilli, quantityToBytes, quantityToMilli } from '@podling/shared/api';
import type { Container, Node, Pod } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { ruled } from './description.ts';
import type { Entry } from './description.ts';

type Bound = 'requests' | 'limits';
type Measured = 'cpu' | 'memory' | 'ephemeral-storage';

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function amount(container: Container, bound: Bound, resource: Measured): bigint {
  const quantity = container.resources?.[bound]?.[resource];
  if (quantity === undefined) return 0n;
  return resource === 'cpu' ? quantityToMilli(quantity) : quantityToBytes(quantity);
}

/** What a pod counts for: its containers together, or its largest init container. */
function podAmount({ spec }: Pod, bound: Bound, resource: Measured): bigint {
  const together = spec.containers.reduce((sum, c) => sum + amount(c, bound, resource), 0n);
  return (spec.initContainers ?? []).reduce((most, c) => larger(most, amount(c, bound, resource)), together);
}

function capacity({ status }: Node, resource: Measured): bigint {
  const quantity = (status?.allocatable ?? status?.capacity)?.[resource] ?? '0';
  return resource === 'cpu' ? quantityToMilli(quantity) : quantityToBytes(quantity);
}

function formatAmount(node: Node, resource: Measured, value: bigint): string {
  const whole = capacity(node, resource);
  const percent = whole === 0n ? 0n : (value * 100n) / whole;
  return `${resource === 'cpu' ? formatMilli(value) : formatBytes(value)} (${percent}%)`;
}

function podRow(node: Node, pod: Pod, now: number): string[] {
  const cell = (bound: Bound, resource: Measured): string => formatAmount(node, resource, podAmount(pod, bound, resource));
  const { namespace = '', name, creationTimestamp } = pod.metadata;
  return [namespace, name, cell('requests', 'cpu'), cell('limits', 'cpu'), cell('requests', 'memory'), cell('limits', 'memory'), ageOf(creationTimestamp, now)];
}

/** The pods that hold resources of a node, and their sum against what it has to give. */
export function allocatedEntries(node: Node, pods: readonly Pod[], now: number): Entry[] {
  const active = pods.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  const header = ['Namespace', 'Name', 'CPU Requests', 'CPU Limits', 'Memory Requests', 'Memory Limits', 'Age'];
  const sum = (bound: Bound, resource: Measured): string =>
    formatAmount(node, resource, active.reduce((total, pod) => total + podAmount(pod, bound, resource), 0n));
  const totals = (['cpu', 'memory', 'ephemeral-storage'] as const).map((resource) => [resource, sum('requests', resource), sum('limits', resource)]);
  return [
    { label: 'Non-terminated Pods', value: `(${active.length} in total)`, table: ruled(header, active.map((pod) => podRow(node, pod, now))) },
    { label: 'Allocated resources', items: ['(Total limits may be over 100 percent, i.e., overcommitted.)'], table: ruled(['Resource', 'Requests', 'Limits'], totals) },
  ];
}
