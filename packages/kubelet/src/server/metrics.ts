import { isStaticPod, type Pod, type PodStatus } from '@podling/shared/api';
import { kubeletVersion } from '../node/machine-info.ts';
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

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: 'gauge', samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: 'counter', samples };
}
