import type { PodSandboxMetadata } from './sandbox.ts';
import type { ContainerMetadata } from './container.ts';

/** What a cgroup uses. */
export interface CgroupStats {
  timestampMs: number;
  /** Cumulative CPU time of all tasks, nanoseconds. */
  cpuUsageNanoSeconds: bigint;
  memoryUsageBytes: number;
  /** Usage less inactive file cache. */
  memoryWorkingSetBytes: number;
  memoryRssBytes: number;
  /** Limit less working set. Undefined without a limit. */
  memoryAvailableBytes?: number;
  pageFaults?: number;
  majorPageFaults?: number;
  /** Undefined where swap is not counted. */
  swapUsageBytes?: number;
  /** Tasks, threads included. Undefined where the runtime does not count. */
  processCount?: number;
}

export interface ContainerStats extends CgroupStats {
  id: string;
  metadata: ContainerMetadata;
  labels: Record<string, string>;
  /** Undefined while nobody has measured it yet. */
  writableLayer?: FilesystemUsage;
}

/** Of all of the pod's cgroup. */
export interface PodSandboxStats extends CgroupStats {
  id: string;
  metadata: PodSandboxMetadata;
  labels: Record<string, string>;
  /** The default one first. Absent for a sandbox on the node's network. */
  networkInterfaces?: NetworkInterfaceUsage[];
  /** Of those that run. */
  containers: ContainerStats[];
}

export interface NetworkInterfaceUsage {
  name: string;
  rxBytes: number;
  rxErrors: number;
  txBytes: number;
  txErrors: number;
}

export interface FilesystemUsage {
  timestampMs: number;
  /** A folder on the file system. */
  mountpoint: string;
  usedBytes: number;
  inodesUsed: number;
}

export interface ImageFsInfo {
  imageFilesystem: FilesystemUsage;
  containerFilesystem: FilesystemUsage;
}
