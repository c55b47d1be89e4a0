import type { ContainerStats, FilesystemUsage, ImageFsInfo, NetworkInterfaceUsage, PodSandboxStats } from '../cri.ts';
import type * as wire from '../v1/index.ts';
import type { Sent } from '../v1/index.ts';
import { figure, nanoseconds, optionalFigure } from './figures.ts';

type Measured = Pick<ContainerStats, 'timestampMs' | 'cpuUsageNanoSeconds' | 'memoryUsageBytes' | 'memoryWorkingSetBytes' | 'memoryRssBytes'>;

export function containerStatsMessage(stats: ContainerStats): Sent<wire.ContainerStats> {
  const { id, metadata, labels, pageFaults, majorPageFaults, writableLayer } = stats;
  return {
    attributes: { id, metadata, labels },
    cpu: cpu(stats),
    memory: { ...memory(stats), pageFaults: optionalFigure(pageFaults), majorPageFaults: optionalFigure(majorPageFaults) },
    ...(writableLayer === undefined ? {} : { writableLayer: filesystemMessage(writableLayer) }),
  };
}

export function podSandboxStatsMessage(stats: PodSandboxStats): Sent<wire.PodSandboxStats> {
  const { id, metadata, labels, timestampMs, processCount, networkInterfaces, containers } = stats;
  const timestamp = nanoseconds(timestampMs);
  return {
    attributes: { id, metadata, labels },
    linux: {
      cpu: cpu(stats),
      memory: memory(stats),
      ...(networkInterfaces === undefined ? {} : { network: { timestamp, ...network(networkInterfaces) } }),
      ...(processCount === undefined ? {} : { process: { timestamp, processCount: figure(processCount) } }),
      containers: containers.map(containerStatsMessage),
    },
  };
}

export function imageFsMessage({ imageFilesystem, containerFilesystem }: ImageFsInfo): Sent<wire.ImageFsInfoResponse> {
  return { imageFilesystems: [filesystemMessage(imageFilesystem)], containerFilesystems: [filesystemMessage(containerFilesystem)] };
}

function filesystemMessage({ timestampMs, mountpoint, usedBytes, inodesUsed }: FilesystemUsage): Sent<wire.FilesystemUsage> {
  return { timestamp: nanoseconds(timestampMs), fsId: { mountpoint }, usedBytes: figure(usedBytes), inodesUsed: figure(inodesUsed) };
}

function cpu({ timestampMs, cpuUsageNanoSeconds }: Measured): Sent<wire.CpuUsage> {
  return { timestamp: nanoseconds(timestampMs), usageCoreNanoSeconds: figure(cpuUsageNanoSeconds) };
}

function memory({ timestampMs, memoryUsageBytes, memoryWorkingSetBytes, memoryRssBytes }: Measured): Sent<wire.MemoryUsage> {
  return { timestamp: nanoseconds(timestampMs), usageBytes: figure(memoryUsageBytes), workingSetBytes: figure(memoryWorkingSetBytes), rssBytes: figure(memoryRssBytes) };
}

function network(interfaces: readonly NetworkInterfaceUsage[]): { defaultInterface: Sent<wire.NetworkInterfaceUsage> | null; interfaces: Sent<wire.NetworkInterfaceUsage>[] } {
  const [first, ...others] = interfaces.map(({ name, rxBytes, rxErrors, txBytes, txErrors }) => ({
    name, rxBytes: figure(rxBytes), rxErrors: figure(rxErrors), txBytes: figure(txBytes), txErrors: figure(txErrors),
  }));
  return { defaultInterface: first ?? null, interfaces: others };
}
