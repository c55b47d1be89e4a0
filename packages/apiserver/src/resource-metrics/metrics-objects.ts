import { formatBytes, formatQuantity, formatTime } from '@podling/shared/api';
import type { Node, NodeMetrics, ObjectMeta, Pod, PodMetrics } from '@podling/shared/api';
import { formatDurationMs } from '@podling/shared/util';
import type { ContainerUsage, Usage } from './node-points.ts';

function metadataOf({ name, namespace, labels }: ObjectMeta, nowMs: number): ObjectMeta {
  return { name, ...(namespace === undefined ? {} : { namespace }), creationTimestamp: formatTime(new Date(nowMs)), ...(labels && { labels }) };
}

function amounts({ cpuNanoCores, memoryBytes }: Usage): Record<'cpu' | 'memory', string> {
  return { cpu: formatQuantity(BigInt(Math.trunc(cpuNanoCores))), memory: formatBytes(BigInt(Math.trunc(memoryBytes))) };
}

function period({ timestampMs, windowMs }: Usage): { timestamp: string; window: string } {
  return { timestamp: formatTime(new Date(timestampMs)), window: formatDurationMs(windowMs) };
}

/** Name and labels are the node's; it is as old as the question. */
export function nodeMetricsOf({ metadata }: Node, usage: Usage, nowMs: number): NodeMetrics {
  return { metadata: metadataOf(metadata, nowMs), ...period(usage), usage: amounts(usage) };
}

/** The time is that of the container that was read first. */
export function podMetricsOf({ metadata }: Pod, usages: readonly [ContainerUsage, ...ContainerUsage[]], nowMs: number): PodMetrics {
  const earliest = usages.reduce((first, usage) => (usage.timestampMs < first.timestampMs ? usage : first));
  return { metadata: metadataOf(metadata, nowMs), ...period(earliest), containers: usages.map((usage) => ({ name: usage.name, usage: amounts(usage) })) };
}
