import type { CgroupStats, ContainerStats as RuntimeStats, NetworkInterfaceUsage, PodSandboxStats } from '@podling/cri';
import { namespaceOf, uidOf, type Pod } from '@podling/shared/api';
import { containerNameLabel } from '../runtime/labels.ts';
import { reportedContainer } from '../runtime/lost-container.ts';
import type { CpuUsage } from './cpu-usage.ts';
import { addUsage, fsStats, nothing, type FsSpace, type Stamp, type Usage } from './fs-space.ts';
import type { ContainerStats, CpuStats, FsStats, MemoryStats, NetworkStats, PodStats, SwapStats } from './summary.ts';
import type { PodVolumes } from './volume-stats.ts';

export interface PodReading {
  pod: Pod;
  sandbox: PodSandboxStats;
}

/** What a pod has on the node's disk. */
export interface PodDisk {
  nodeFs: FsSpace;
  /** Of the file system that writable layers lie on, by the folder that the runtime names. */
  layerFs: ReadonlyMap<string, FsSpace>;
  /** By container. */
  logs: ReadonlyMap<string, Usage>;
  volumes: PodVolumes;
  etcHosts: Usage;
}

/** How a reading becomes statistics. */
export interface Rendering {
  stamp: Stamp;
  cpu: CpuUsage;
}

/** Without `disk`: processor and memory alone. */
export function podStats({ pod, sandbox }: PodReading, disk: PodDisk | undefined, rendering: Rendering): PodStats {
  const containers = sandbox.containers.filter(({ labels }) => labels[containerNameLabel] !== undefined).map((stats) => containerStats(pod, stats, disk, rendering));
  const { timestampMs, networkInterfaces, processCount } = sandbox;
  const time = rendering.stamp(timestampMs);
  return {
    podRef: { name: pod.metadata.name, namespace: namespaceOf(pod), uid: uidOf(pod) },
    startTime: pod.status?.startTime ?? '',
    containers,
    ...usageStats(sandbox, rendering),
    ...swapOf(containers),
    ...(disk === undefined ? {} : {
      ...(networkInterfaces ? { network: networkStats(networkInterfaces, time) } : {}),
      ...(processCount === undefined ? {} : { process_stats: { process_count: processCount } }),
      ...(disk.volumes.volumes.length > 0 ? { volume: disk.volumes.volumes } : {}),
      'ephemeral-storage': ephemeralStorage(containers, disk, rendering.stamp),
    }),
  };
}

export function containerStats(pod: Pod, stats: RuntimeStats, disk: PodDisk | undefined, rendering: Rendering): ContainerStats {
  const name = stats.labels[containerNameLabel] ?? stats.metadata.name;
  const { stamp } = rendering;
  const logs = disk?.logs.get(name);
  return {
    name,
    startTime: startTimeOf(pod, name),
    ...usageStats(stats, rendering),
    ...(stats.swapUsageBytes === undefined ? {} : { swap: { time: stamp(stats.timestampMs), swapUsageBytes: stats.swapUsageBytes } }),
    ...(disk && { rootfs: rootfs(stats, disk, stamp) }),
    ...(disk && logs && { logs: fsStats(disk.nodeFs, stamp, logs) }),
  };
}

/** Of a cgroup, as a rate needs an `id` that is the same at each reading. */
export function usageStats(stats: CgroupStats & { id: string }, { stamp, cpu }: Rendering): { cpu: CpuStats; memory: MemoryStats } {
  const { id, timestampMs, cpuUsageNanoSeconds, memoryAvailableBytes, memoryUsageBytes, memoryWorkingSetBytes, memoryRssBytes, pageFaults, majorPageFaults } = stats;
  const time = stamp(timestampMs);
  const rate = cpu.record(id, { timestampMs, usageNanoSeconds: cpuUsageNanoSeconds });
  return {
    cpu: { time, ...(rate === undefined ? {} : { usageNanoCores: Number(rate) }), usageCoreNanoSeconds: Number(cpuUsageNanoSeconds) },
    memory: {
      time,
      ...(memoryAvailableBytes === undefined ? {} : { availableBytes: memoryAvailableBytes }),
      usageBytes: memoryUsageBytes, workingSetBytes: memoryWorkingSetBytes, rssBytes: memoryRssBytes,
      ...(pageFaults === undefined ? {} : { pageFaults }),
      ...(majorPageFaults === undefined ? {} : { majorPageFaults }),
    },
  };
}

export function networkStats(interfaces: readonly NetworkInterfaceUsage[], time: string): NetworkStats {
  const plain = interfaces.map(({ name, rxBytes, rxErrors, txBytes, txErrors }) => ({ name, rxBytes, rxErrors, txBytes, txErrors }));
  return { time, ...(plain[0] ?? { name: '' }), interfaces: plain };
}

function startTimeOf({ status }: Pod, name: string): string {
  return (status && reportedContainer(status, name))?.state?.running?.startedAt ?? '';
}

function rootfs({ writableLayer, timestampMs }: RuntimeStats, { layerFs }: PodDisk, stamp: Stamp): FsStats {
  if (writableLayer === undefined) return { time: stamp(timestampMs) };
  const space = layerFs.get(writableLayer.mountpoint);
  const { usedBytes, inodesUsed } = writableLayer;
  return space === undefined ? { time: stamp(writableLayer.timestampMs), usedBytes, inodesUsed } : fsStats(space, stamp, writableLayer);
}

function ephemeralStorage(containers: readonly ContainerStats[], { nodeFs, volumes, etcHosts }: PodDisk, stamp: Stamp): FsStats {
  const ofContainers = containers.flatMap((stats) => [stats.rootfs, stats.logs]).reduce<Usage>((sum, usage) => addUsage(sum, usage), nothing);
  return fsStats(nodeFs, stamp, [volumes.ephemeral, etcHosts].reduce(addUsage, ofContainers));
}

/** The sum: no runtime tells of a pod's swap. */
function swapOf(containers: readonly ContainerStats[]): { swap?: SwapStats } {
  const all = containers.flatMap(({ swap }) => swap ?? []);
  const [first] = all;
  return first === undefined ? {} : { swap: { time: first.time, swapUsageBytes: all.reduce((sum, { swapUsageBytes = 0 }) => sum + swapUsageBytes, 0) } };
}
