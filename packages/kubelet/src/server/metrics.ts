import { isStaticPod, type Pod, type PodStatus } from '@podling/shared/api';
import { kubeletVersion } from '../node/machine-info.ts';
import type { ContainerStats, Summary } from '../stats/summary.ts';
import type { MetricFamily, Sample } from './prometheus-text.ts';

export interface KubeletFigures {
  nodeName: string;
  pods: readonly Pod[];
  statuses: readonly PodStatus[];
  mirrors: number;
}

/** `/metrics`, under Kubernetes' names. */
export function kubeletMetrics({ nodeName, pods, statuses, mirrors }: KubeletFigures): MetricFamily[] {
  const states = statuses.flatMap(({ containerStatuses = [] }) => containerStatuses).map(({ state }) => (state?.running ? 'running' : state?.terminated ? 'exited' : 'created'));
  const byState = ['created', 'exited', 'running'].map((name): Sample => ({ labels: { container_state: name }, value: states.filter((state) => state === name).length }));
  const statics = pods.filter(isStaticPod).length;
  return [
    gauge('kubelet_node_name', 'The node\'s name. The count is always 1.', [{ labels: { node: nodeName }, value: 1 }]),
    gauge('kubelet_desired_pods', 'The number of pods the kubelet is being instructed to run. static is true if the pod is not from the apiserver.', [
      { labels: { static: '' }, value: pods.length - statics }, { labels: { static: 'true' }, value: statics },
    ]),
    gauge('kubelet_mirror_pods', 'The number of mirror pods the kubelet will try to create (one per admitted static pod)', [{ value: mirrors }]),
    gauge('kubelet_running_pods', 'Number of pods that have a running pod sandbox', [{ value: statuses.filter(({ phase }) => phase === 'Running').length }]),
    gauge('kubelet_running_containers', 'Number of containers currently running', byState),
    gauge('kubernetes_build_info', 'A metric with a constant \'1\' value labeled by the version it was built from.', [{ labels: { git_version: kubeletVersion }, value: 1 }]),
    ...processMetrics(),
  ];
}

function processMetrics(): MetricFamily[] {
  const { user, system } = process.cpuUsage();
  const startSeconds = Date.now() / 1_000 - process.uptime();
  return [
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', [{ value: (user + system) / 1e6 }]),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', [{ value: process.memoryUsage.rss() }]),
    gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', [{ value: startSeconds }]),
  ];
}

/** `/metrics/resource`: what metrics collectors read; without a summary it says that there was none. */
export function resourceMetrics(summary: Summary | undefined): MetricFamily[] {
  const failed = gauge('resource_scrape_error', '1 if there was an error while getting container metrics, 0 otherwise', [{ value: summary === undefined ? 1 : 0 }]);
  if (summary === undefined) return [failed];
  const { node, pods } = summary;
  const containers = pods.flatMap(({ podRef, containers: own }) => own.map((stats) => ({ stats, labels: { container: stats.name, namespace: podRef.namespace, pod: podRef.name } })));
  const each = (valueOf: SampleOf): Sample[] => containers.flatMap(({ stats, labels }) => valueOf(stats).map((sample) => ({ labels, ...sample })));
  const eachPod = (valueOf: SampleOf): Sample[] =>
    pods.flatMap((stats) => valueOf(stats).map((sample) => ({ labels: { namespace: stats.podRef.namespace, pod: stats.podRef.name }, ...sample })));
  const started = containers.filter(({ stats }) => !Number.isNaN(Date.parse(stats.startTime)))
    .map(({ stats, labels }) => ({ labels, value: Date.parse(stats.startTime) / 1_000 }));
  return [
    counter('container_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the container in core-seconds', each(cpuOf)),
    gauge('container_memory_working_set_bytes', 'Current working set of the container in bytes', each(memoryOf)),
    gauge('container_start_time_seconds', 'Start time of the container since unix epoch in seconds', started),
    counter('node_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the node in core-seconds', cpuOf(node)),
    gauge('node_memory_working_set_bytes', 'Current working set of the node in bytes', memoryOf(node)),
    counter('pod_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the pod in core-seconds', eachPod(cpuOf)),
    gauge('pod_memory_working_set_bytes', 'Current working set of the pod in bytes', eachPod(memoryOf)),
    failed,
  ];
}

/** One sample, or none where nothing was measured. */
type SampleOf = (stats: Pick<ContainerStats, 'cpu' | 'memory'>) => Sample[];

const cpuOf: SampleOf = ({ cpu }) => (cpu?.usageCoreNanoSeconds === undefined ? [] : [{ value: cpu.usageCoreNanoSeconds / 1e9, timeMs: Date.parse(cpu.time) }]);

const memoryOf: SampleOf = ({ memory }) => (memory?.workingSetBytes === undefined ? [] : [{ value: memory.workingSetBytes, timeMs: Date.parse(memory.time) }]);

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: 'gauge', samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: 'counter', samples };
}
