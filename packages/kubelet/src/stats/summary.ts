/**
 * `/stats/summary` as Kubernetes shapes it (stats/v1alpha1). Times are RFC 3339, amounts bytes and nanoseconds. What is
 * absent nobody has measured: no figure stands for "unknown".
 */
export interface Summary {
  node: NodeStats;
  pods: PodStats[];
}

export interface NodeStats {
  nodeName: string;
  /** The kubelet's, the runtime's and all pods' together, where a cgroup tells them apart. */
  systemContainers?: ContainerStats[];
  startTime: string;
  cpu?: CpuStats;
  memory?: MemoryStats;
  network?: NetworkStats;
  /** The file system of the kubelet's own folder. */
  fs?: FsStats;
  runtime?: RuntimeStats;
  rlimit?: RlimitStats;
  swap?: SwapStats;
}

/** The file systems of images and of writable layers; used bytes are those of images and of layers alone. */
export interface RuntimeStats {
  imageFs?: FsStats;
  containerFs?: FsStats;
}

/** Tasks, threads included, of the machine. */
export interface RlimitStats {
  time: string;
  maxpid?: number;
  curproc?: number;
}

export interface PodStats {
  podRef: { name: string; namespace: string; uid: string };
  startTime: string;
  /** Those that run. */
  containers: ContainerStats[];
  /** Of the pod's cgroup: its containers and its sandbox. */
  cpu?: CpuStats;
  memory?: MemoryStats;
  /** Absent for a pod on the node's network. */
  network?: NetworkStats;
  volume?: VolumeStats[];
  /** Writable layers, logs, and volumes on the node's disk. */
  'ephemeral-storage'?: FsStats;
  process_stats?: { process_count: number };
  swap?: SwapStats;
}

export interface ContainerStats {
  name: string;
  startTime: string;
  cpu?: CpuStats;
  memory?: MemoryStats;
  /** The file system of the writable layer; used is what the layer takes. */
  rootfs?: FsStats;
  /** The file system of the logs; used is what this container's logs take. */
  logs?: FsStats;
  swap?: SwapStats;
}

export interface CpuStats {
  time: string;
  /** Absent on the first look: a rate needs two. */
  usageNanoCores?: number;
  usageCoreNanoSeconds?: number;
}

export interface MemoryStats {
  time: string;
  /** Limit less working set; absent without a limit. */
  availableBytes?: number;
  usageBytes?: number;
  /** Usage less inactive file cache. */
  workingSetBytes?: number;
  rssBytes?: number;
  pageFaults?: number;
  majorPageFaults?: number;
}

export interface SwapStats {
  time: string;
  /** Absent without a limit. */
  swapAvailableBytes?: number;
  swapUsageBytes?: number;
}

export interface InterfaceStats {
  name: string;
  rxBytes?: number;
  rxErrors?: number;
  txBytes?: number;
  txErrors?: number;
}

/** Of the default interface, and of each. */
export interface NetworkStats extends InterfaceStats {
  time: string;
  interfaces?: InterfaceStats[];
}

/** A file system, and how much of it the one thing takes that this is about. */
export interface FsStats {
  time: string;
  availableBytes?: number;
  capacityBytes?: number;
  usedBytes?: number;
  inodesFree?: number;
  inodes?: number;
  inodesUsed?: number;
}

export interface VolumeStats extends FsStats {
  name: string;
  pvcRef?: { name: string; namespace: string };
}
