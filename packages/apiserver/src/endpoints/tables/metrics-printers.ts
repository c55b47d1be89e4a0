import { formatBytes, formatQuantity, parseQuantity } from '@podling/shared/api';
import type { NodeMetrics, PodMetrics } from '@podling/shared/api';
import { column } from './printer.ts';
import type { Column, Printer } from './printer.ts';

const columns: Column[] = [
  column('Name', 'Name of the resource'),
  column('cpu', '', { format: 'quantity' }),
  column('memory', '', { format: 'quantity' }),
  column('Window', '', { format: 'duration' }),
];

const nanosPerUnit = 1_000_000_000n;

export const nodeMetricsPrinter: Printer = {
  columns,
  cells(object) {
    const { metadata, usage, window } = object as NodeMetrics;
    return [metadata.name, usage['cpu'] ?? '0', usage['memory'] ?? '0', window];
  },
};

/** The sums of the pod's containers. */
export const podMetricsPrinter: Printer = {
  columns,
  cells(object) {
    const { metadata, containers, window } = object as PodMetrics;
    const total = (resource: string): bigint => containers.reduce((sum, { usage }) => sum + parseQuantity(usage[resource] ?? '0'), 0n);
    return [metadata.name, formatQuantity(total('cpu')), formatBytes(total('memory') / nanosPerUnit), window];
  },
};
