import type { CgroupDetails, CgroupUsage } from '@podling/shared/process';
import type { PodSandboxStats } from '@podling/cri';
import { buildPod } from '@podling/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { cadvisorMetrics } from './cadvisor-metrics.ts';
import { prometheusText } from './prometheus-text.ts';
import { readCadvisor, type CadvisorReadings } from '../stats/cadvisor-readings.ts';
import type { PodReading } from '../stats/pod-stats.ts';

const usage: CgroupUsage = { cpuNanoSeconds: 2_500_000_000n, memoryUsageBytes: 100, memoryWorkingSetBytes: 80, memoryRssBytes: 60, memoryCacheBytes: 30, memoryMappedFileBytes: 5, memoryLimitBytes: 200, pageFaults: 9, majorPageFaults: 1, swapBytes: 0, taskCount: 4 };
const details: CgroupDetails = { cpuUserNanoSeconds: 1e9, cpuSystemNanoSeconds: 5e8, cfsPeriods: 7, cfsThrottledPeriods: 3, cfsThrottledNanoSeconds: 2e9, cpuQuotaMicroSeconds: 50_000, cpuPeriodMicroSeconds: 100_000, cpuShares: 512, memoryMaxUsageBytes: 150, memoryFailures: 2, oomKills: 1, pids: [11, 12] };
const stats = { timestampMs: 1, cpuUsageNanoSeconds: 0n, memoryUsageBytes: 0, memoryWorkingSetBytes: 0, memoryRssBytes: 0 };
const machine = { cpuMilli: 2000n, memoryBytes: 1000n, swapBytes: 0n, systemInfo: { machineID: 'm', systemUUID: 's', bootID: 'b' } as never };

/** Cgroups that are there. */
let present: Set<string>;
let reading: PodReading;

beforeEach(() => {
  present = new Set(['/kubepods', '/kubepods/podu', '/kubepods/podu/sandbox', '/kubepods/podu/c1']);
  const container = { id: 'c1', metadata: { name: 'web', attempt: 0 }, labels: { 'io.kubernetes.container.name': 'web' }, ...stats };
  const sandbox: PodSandboxStats = { id: 'sandbox', metadata: { name: 'web', namespace: 'default', uid: 'u', attempt: 0 }, labels: {}, ...stats, containers: [container] };
  const pod = buildPod({ name: 'web', uid: 'u', spec: { containers: [{ name: 'web', image: 'i:1' }] } });
  reading = { sandbox, pod: { ...pod, status: { containerStatuses: [{ name: 'web', image: 'i:1', imageID: '', ready: true, restartCount: 0, state: { running: { startedAt: '2026-01-01T00:00:01Z' } } }] } } };
});

const read = (): Promise<CadvisorReadings> => readCadvisor([reading], {
  kubepods: '/kubepods', cgroupOf: () => '/kubepods/podu', pauseImage: 'pause:1', now: () => 5_000,
  kernel: {
    usage: (cgroup) => (present.has(cgroup) ? usage : undefined),
    details: (cgroup) => (present.has(cgroup) ? details : undefined),
    network: (pid) => (pid === 11 ? [{ name: 'eth0', rxBytes: 1, rxPackets: 2, rxErrors: 3, rxDropped: 4, txBytes: 5, txPackets: 6, txErrors: 7, txDropped: 8 }] : undefined),
  },
});

const lines = async (): Promise<string[]> => prometheusText(cadvisorMetrics(await read(), machine)).split('\n');

describe('readCadvisor', () => {
  it('has all pods together, each pod, and each container, told apart as cAdvisor does', async () => {
    const { cgroups, networks } = await read();
    expect(cgroups.map(({ labels }) => labels)).toEqual([
      { container: '', id: '/kubepods', image: '', name: '', namespace: '', pod: '' },
      { container: '', id: '/kubepods/podu', image: '', name: '', namespace: 'default', pod: 'web' },
      { container: 'web', id: '/kubepods/podu/c1', image: 'i:1', name: 'c1', namespace: 'default', pod: 'web' },
    ]);
    expect(networks.map(({ labels }) => labels)).toEqual([{ container: '', id: '/kubepods/podu/sandbox', image: 'pause:1', name: 'sandbox', namespace: 'default', pod: 'web' }]);
  });

  it('finds containers by what other runtimes call their cgroups', async () => {
    present = new Set(['/kubepods/podu', '/kubepods/podu/cri-containerd-c1.scope']);
    expect((await read()).cgroups.map(({ labels }) => labels.id)).toEqual(['/kubepods/podu', '/kubepods/podu/cri-containerd-c1.scope']);
  });

  it('[A10] leaves out what has gone meanwhile', async () => {
    present = new Set(['/kubepods']);
    expect(await read()).toMatchObject({ cgroups: [{ labels: { id: '/kubepods' } }], networks: [] });
  });

  it('has no network of a pod on the node\'s', async () => {
    reading.pod.spec.hostNetwork = true;
    expect((await read()).networks).toEqual([]);
  });
});

describe('cadvisorMetrics', () => {
  it('has cAdvisor\'s names', async () => {
    const id = 'container="web",id="/kubepods/podu/c1",image="i:1",name="c1",namespace="default",pod="web"';
    const found = await lines();
    for (const line of [
      `container_cpu_usage_seconds_total{container="web",cpu="total",id="/kubepods/podu/c1",image="i:1",name="c1",namespace="default",pod="web"} 2.5 5000`,
      `container_cpu_cfs_throttled_seconds_total{${id}} 2 5000`,
      `container_memory_working_set_bytes{${id}} 80 5000`,
      `container_memory_max_usage_bytes{${id}} 150 5000`,
      `container_oom_events_total{${id}} 1 5000`,
      `container_processes{${id}} 2 5000`,
      `container_spec_memory_limit_bytes{${id}} 200 5000`,
      `container_start_time_seconds{${id}} 1767225601 5000`,
      'container_network_receive_packets_dropped_total{container="",id="/kubepods/podu/sandbox",image="pause:1",interface="eth0",name="sandbox",namespace="default",pod="web"} 4 5000',
      '# TYPE container_network_transmit_bytes_total counter',
      'container_scrape_error 0',
      'machine_memory_bytes{boot_id="b",machine_id="m",system_uuid="s"} 1000',
    ]) expect(found).toContain(line);
    expect(prometheusText(cadvisorMetrics(undefined, machine))).toContain('container_scrape_error 1\n');
  });
});
