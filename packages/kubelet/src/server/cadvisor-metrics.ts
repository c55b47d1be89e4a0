import type { InterfaceUsage } from '@podling/shared/process';
import type { MachineInfo } from '../node/machine-info.ts';
import type { CadvisorReadings, CgroupReading } from '../stats/cadvisor-readings.ts';
import type { MetricFamily, Sample } from './prometheus-text.ts';

interface CgroupMetric {
  name: string;
  help: string;
  type: 'gauge' | 'counter';
  /** Undefined where nobody knows. */
  value: (reading: CgroupReading) => number | undefined;
  labels?: Readonly<Record<string, string>>;
}

const metric = (type: CgroupMetric['type'], name: string, help: string, value: CgroupMetric['value'], labels?: CgroupMetric['labels']): CgroupMetric => ({ name, help, type, value, ...(labels && { labels }) });

const failures = 'Cumulative count of memory allocation failures.';

/** In the order of their names. */
const cgroupMetrics: readonly CgroupMetric[] = [
  metric('counter', 'container_cpu_cfs_periods_total', 'Number of elapsed enforcement period intervals.', ({ details }) => details.cpuQuotaMicroSeconds && details.cfsPeriods),
  metric('counter', 'container_cpu_cfs_throttled_periods_total', 'Number of throttled period intervals.', ({ details }) => details.cpuQuotaMicroSeconds && details.cfsThrottledPeriods),
  metric('counter', 'container_cpu_cfs_throttled_seconds_total', 'Total time duration the container has been throttled.', ({ details }) => details.cpuQuotaMicroSeconds && details.cfsThrottledNanoSeconds / 1e9),
  metric('counter', 'container_cpu_system_seconds_total', 'Cumulative system cpu time consumed in seconds.', ({ details }) => details.cpuSystemNanoSeconds / 1e9),
  metric('counter', 'container_cpu_usage_seconds_total', 'Cumulative cpu time consumed in seconds.', ({ usage }) => Number(usage.cpuNanoSeconds) / 1e9, { cpu: 'total' }),
  metric('counter', 'container_cpu_user_seconds_total', 'Cumulative user cpu time consumed in seconds.', ({ details }) => details.cpuUserNanoSeconds / 1e9),
  metric('gauge', 'container_fs_inodes_free', 'Number of available Inodes', ({ layer }) => layer?.space?.inodesFree, { device: '' }),
  metric('gauge', 'container_fs_inodes_total', 'Number of Inodes', ({ layer }) => layer?.space?.inodes, { device: '' }),
  metric('gauge', 'container_fs_limit_bytes', 'Number of bytes that can be consumed by the container on this filesystem.', ({ layer }) => layer?.space?.capacityBytes, { device: '' }),
  metric('gauge', 'container_fs_usage_bytes', 'Number of bytes that are consumed by the container on this filesystem.', ({ layer }) => layer?.usage.usedBytes, { device: '' }),
  metric('gauge', 'container_last_seen', 'Last time a container was seen by the exporter', ({ timestampMs }) => Math.round(timestampMs / 1_000)),
  metric('gauge', 'container_memory_cache', 'Number of bytes of page cache memory.', ({ usage }) => usage.memoryCacheBytes),
  metric('counter', 'container_memory_failcnt', 'Number of memory usage hits limits', ({ details }) => details.memoryFailures),
  metric('counter', 'container_memory_failures_total', failures, ({ usage }) => usage.pageFaults, { failure_type: 'pgfault', scope: 'hierarchy' }),
  metric('counter', 'container_memory_failures_total', failures, ({ usage }) => usage.majorPageFaults, { failure_type: 'pgmajfault', scope: 'hierarchy' }),
  metric('gauge', 'container_memory_mapped_file', 'Size of memory mapped files in bytes.', ({ usage }) => usage.memoryMappedFileBytes),
  metric('gauge', 'container_memory_max_usage_bytes', 'Maximum memory usage recorded in bytes', ({ details }) => details.memoryMaxUsageBytes),
  metric('gauge', 'container_memory_rss', 'Size of RSS in bytes.', ({ usage }) => usage.memoryRssBytes),
  metric('gauge', 'container_memory_swap', 'Container swap usage in bytes.', ({ usage }) => usage.swapBytes),
  metric('gauge', 'container_memory_usage_bytes', 'Current memory usage in bytes, including all memory regardless of when it was accessed', ({ usage }) => usage.memoryUsageBytes),
  metric('gauge', 'container_memory_working_set_bytes', 'Current working set in bytes.', ({ usage }) => usage.memoryWorkingSetBytes),
  metric('counter', 'container_oom_events_total', 'Count of out of memory events observed for the container', ({ details }) => details.oomKills),
  metric('gauge', 'container_processes', 'Number of processes running inside the container.', ({ details }) => details.pids.length),
  metric('gauge', 'container_spec_cpu_period', 'CPU period of the container.', ({ details }) => details.cpuPeriodMicroSeconds),
  metric('gauge', 'container_spec_cpu_quota', 'CPU quota of the container.', ({ details }) => details.cpuQuotaMicroSeconds),
  metric('gauge', 'container_spec_cpu_shares', 'CPU share of the container.', ({ details }) => details.cpuShares),
  metric('gauge', 'container_spec_memory_limit_bytes', 'Memory limit for the container.', ({ usage }) => usage.memoryLimitBytes ?? 0),
  metric('gauge', 'container_spec_memory_swap_limit_bytes', 'Memory swap limit for the container.', ({ details }) => details.swapLimitBytes ?? 0),
  metric('gauge', 'container_start_time_seconds', 'Start time of the container since unix epoch in seconds.', ({ startedAtMs }) => startedAtMs && startedAtMs / 1_000),
  metric('gauge', 'container_threads', 'Number of threads running inside the container', ({ usage }) => usage.taskCount),
  metric('gauge', 'container_threads_max', 'Maximum number of threads allowed inside the container, infinity if value is zero', ({ details }) => details.taskLimit ?? 0),
];

const networkMetrics: readonly [name: string, help: string, value: (usage: InterfaceUsage) => number][] = [
  ['receive_bytes', 'Cumulative count of bytes received', ({ rxBytes }) => rxBytes],
  ['receive_errors', 'Cumulative count of errors encountered while receiving', ({ rxErrors }) => rxErrors],
  ['receive_packets_dropped', 'Cumulative count of packets dropped while receiving', ({ rxDropped }) => rxDropped],
  ['receive_packets', 'Cumulative count of packets received', ({ rxPackets }) => rxPackets],
  ['transmit_bytes', 'Cumulative count of bytes transmitted', ({ txBytes }) => txBytes],
  ['transmit_errors', 'Cumulative count of errors encountered while transmitting', ({ txErrors }) => txErrors],
  ['transmit_packets_dropped', 'Cumulative count of packets dropped while transmitting', ({ txDropped }) => txDropped],
  ['transmit_packets', 'Cumulative count of packets transmitted', ({ txPackets }) => txPackets],
];

/** `/metrics/cadvisor`: the part of cAdvisor's metrics that dashboards are made of; without readings it says that there were none. */
export function cadvisorMetrics(readings: CadvisorReadings | undefined, machine: Pick<MachineInfo, 'cpuMilli' | 'memoryBytes' | 'swapBytes' | 'systemInfo'>): MetricFamily[] {
  const failed: MetricFamily = { name: 'container_scrape_error', help: '1 if there was an error while getting container metrics, 0 otherwise', type: 'gauge', samples: [{ value: readings === undefined ? 1 : 0 }] };
  const { cgroups = [], networks = [] } = readings ?? {};
  const names = Map.groupBy(cgroupMetrics, ({ name }) => name);
  const ofCgroups = [...names].map(([name, metrics]): MetricFamily => ({
    name, help: metrics[0]?.help ?? '', type: metrics[0]?.type ?? 'gauge',
    samples: metrics.flatMap((one) => cgroups.flatMap((reading) => cgroupSample(one, reading))),
  }));
  const ofNetworks = networkMetrics.map(([name, help, value]): MetricFamily => ({
    name: `container_network_${name}_total`, help, type: 'counter',
    samples: networks.flatMap(({ labels, timestampMs, interfaces }) => interfaces.map((usage) => ({ labels: ordered({ ...labels, interface: usage.name }), value: value(usage), timeMs: timestampMs }))),
  }));
  return [...ofCgroups, ...ofNetworks, failed, ...machineMetrics(machine)];
}

function cgroupSample({ value, labels }: CgroupMetric, reading: CgroupReading): Sample[] {
  const found = value(reading);
  return found === undefined ? [] : [{ labels: labels ? ordered({ ...labels, ...reading.labels }) : { ...reading.labels }, value: found, timeMs: reading.timestampMs }];
}

function ordered(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function machineMetrics({ cpuMilli, memoryBytes, swapBytes, systemInfo }: Pick<MachineInfo, 'cpuMilli' | 'memoryBytes' | 'swapBytes' | 'systemInfo'>): MetricFamily[] {
  const labels = { boot_id: systemInfo.bootID, machine_id: systemInfo.machineID, system_uuid: systemInfo.systemUUID };
  const gauge = (name: string, help: string, value: number): MetricFamily => ({ name, help, type: 'gauge', samples: [{ labels, value }] });
  return [
    gauge('machine_cpu_cores', 'Number of logical CPU cores.', Number(cpuMilli) / 1_000),
    gauge('machine_memory_bytes', 'Amount of memory installed on the machine.', Number(memoryBytes)),
    gauge('machine_swap_bytes', 'Amount of swap memory available on the machine.', Number(swapBytes)),
  ];
}
