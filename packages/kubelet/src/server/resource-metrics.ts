import type { ContainerStats, PodStats, Summary } from '../stats/summary.ts';
import type { MetricFamily, Sample } from './prometheus-text.ts';

/** What a container, a pod and a node have in common. */
type Measured = Pick<ContainerStats, 'cpu' | 'memory' | 'swap'>;

/** None where nothing was measured. */
type ValueOf = (stats: Measured) => { value: number; time: string } | undefined;

/** `/metrics/resource`: what metrics collectors read; without a summary it says that there was none. */
export function resourceMetrics(summary: Summary | undefined): MetricFamily[] {
  const failed = gauge('resource_scrape_error', '1 if there was an error while getting container metrics, 0 otherwise', [{ value: summary === undefined ? 1 : 0 }]);
  if (summary === undefined) return [failed];
  const { node, pods } = summary;
  const containers = pods.flatMap((pod) => pod.containers.map((stats) => ({ stats, labels: { container: stats.name, ...podLabels(pod) } })));
  const each = (valueOf: ValueOf): Sample[] => containers.flatMap(({ stats, labels }) => sampleOf(valueOf(stats), labels));
  const eachPod = (valueOf: ValueOf): Sample[] => pods.flatMap((pod) => sampleOf(valueOf(pod), podLabels(pod)));
  return [
    counter('container_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the container in core-seconds', each(cpuOf)),
    gauge('container_memory_working_set_bytes', 'Current working set of the container in bytes', each(memoryOf)),
    gauge('container_start_time_seconds', 'Start time of the container since unix epoch in seconds', startTimes(containers)),
    gauge('container_swap_limit_bytes', 'Current amount of the container swap limit in bytes. Reported only on non-windows systems', each(swapLimitOf)),
    gauge('container_swap_usage_bytes', 'Current amount of the container swap usage in bytes. Reported only on non-windows systems', each(swapOf)),
    counter('node_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the node in core-seconds', sampleOf(cpuOf(node))),
    gauge('node_memory_working_set_bytes', 'Current working set of the node in bytes', sampleOf(memoryOf(node))),
    gauge('node_swap_usage_bytes', 'Current swap usage of the node in bytes. Reported only on non-windows systems', sampleOf(swapOf(node))),
    counter('pod_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the pod in core-seconds', eachPod(cpuOf)),
    gauge('pod_memory_working_set_bytes', 'Current working set of the pod in bytes', eachPod(memoryOf)),
    gauge('pod_swap_usage_bytes', 'Current amount of the pod swap usage in bytes. Reported only on non-windows systems', eachPod(swapOf)),
    failed,
  ];
}

const podLabels = ({ podRef }: PodStats): Record<string, string> => ({ namespace: podRef.namespace, pod: podRef.name });

const cpuOf: ValueOf = ({ cpu }) => (cpu?.usageCoreNanoSeconds === undefined ? undefined : { value: cpu.usageCoreNanoSeconds / 1e9, time: cpu.time });
const memoryOf: ValueOf = ({ memory }) => (memory?.workingSetBytes === undefined ? undefined : { value: memory.workingSetBytes, time: memory.time });
const swapOf: ValueOf = ({ swap }) => (swap?.swapUsageBytes === undefined ? undefined : { value: swap.swapUsageBytes, time: swap.time });
const swapLimitOf: ValueOf = ({ swap }) => (swap?.swapAvailableBytes === undefined ? undefined : { value: swap.swapAvailableBytes + (swap.swapUsageBytes ?? 0), time: swap.time });

function startTimes(containers: readonly { stats: ContainerStats; labels: Record<string, string> }[]): Sample[] {
  return containers.flatMap(({ stats, labels }) => {
    const startedMs = Date.parse(stats.startTime);
    return Number.isNaN(startedMs) ? [] : [{ labels, value: startedMs / 1_000 }];
  });
}

function sampleOf(found: { value: number; time: string } | undefined, labels?: Record<string, string>): Sample[] {
  return found === undefined ? [] : [{ ...(labels && { labels }), value: found.value, timeMs: Date.parse(found.time) }];
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: 'gauge', samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: 'counter', samples };
}
