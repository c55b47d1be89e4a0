import type { ContainerMetadata } from './containers.ts';
import type { PodSandboxMetadata } from './sandboxes.ts';
import type { Int64, Int64Value } from './values.ts';

export interface FilesystemUsage {
  timestamp: Int64;
  fsId: { mountpoint: string } | null;
  usedBytes: Int64Value | null;
  inodesUsed: Int64Value | null;
}

export interface CpuUsage {
  timestamp: Int64;
  usageCoreNanoSeconds: Int64Value | null;
  usageNanoCores: Int64Value | null;
}

export interface MemoryUsage {
  timestamp: Int64;
  workingSetBytes: Int64Value | null;
  availableBytes: Int64Value | null;
  usageBytes: Int64Value | null;
  rssBytes: Int64Value | null;
  pageFaults: Int64Value | null;
  majorPageFaults: Int64Value | null;
}

export interface SwapUsage {
  timestamp: Int64;
  swapAvailableBytes: Int64Value | null;
  swapUsageBytes: Int64Value | null;
}

export interface NetworkInterfaceUsage {
  name: string;
  rxBytes: Int64Value | null;
  rxErrors: Int64Value | null;
  txBytes: Int64Value | null;
  txErrors: Int64Value | null;
}

export interface Attributes<Metadata> {
  id: string;
  metadata: Metadata | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface ContainerStats {
  attributes: Attributes<ContainerMetadata> | null;
  cpu: CpuUsage | null;
  memory: MemoryUsage | null;
  writableLayer: FilesystemUsage | null;
  swap: SwapUsage | null;
}

export interface LinuxPodSandboxStats {
  cpu: CpuUsage | null;
  memory: MemoryUsage | null;
  network: { timestamp: Int64; defaultInterface: NetworkInterfaceUsage | null; interfaces: NetworkInterfaceUsage[] } | null;
  process: { timestamp: Int64; processCount: Int64Value | null } | null;
  containers: ContainerStats[];
}

export interface PodSandboxStats {
  attributes: Attributes<PodSandboxMetadata> | null;
  linux: LinuxPodSandboxStats | null;
}

export interface ContainerStatsFilter {
  id: string;
  podSandboxId: string;
  labelSelector: Record<string, string>;
}

export interface PodSandboxStatsFilter {
  id: string;
  labelSelector: Record<string, string>;
}
