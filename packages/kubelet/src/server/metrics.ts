import type { PodStatus } from '@podling/shared/api';

/** Prometheus text with Kubernetes' metric names. */
export function metricsText(statuses: readonly PodStatus[]): string {
  const containers = statuses.flatMap(({ containerStatuses = [] }) => containerStatuses);
  const running = containers.filter(({ state }) => state?.running).length;
  const pods = statuses.filter(({ phase }) => phase === 'Running').length;
  return [
    ...gauge('kubelet_running_pods', 'Number of pods in phase Running.', pods),
    ...gauge('kubelet_running_containers', 'Number of containers running now.', running),
    ...gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', process.memoryUsage.rss()),
    '',
  ].join('\n');
}

function gauge(name: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`];
}
