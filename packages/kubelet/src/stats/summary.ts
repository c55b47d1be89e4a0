/** `/stats/summary` as Kubernetes shapes it (stats/v1alpha1). Times RFC 3339, memory in bytes. */
export interface Summary {
  node: NodeStats;
  pods: PodStats[];
}

export interface CpuStats {
  time: string;
  /** Absent on the first look: a rate needs two. */
  usageNanoCores?: number;
  usageCoreNanoSeconds: number;
}

export interface MemoryStats {
  time: string;
  availableBytes?: number;
  usageBytes: number;
  workingSetBytes: number;
  rssBytes: number;
}

export interface ContainerStats {
  name: string;
  startTime: string;
  cpu: CpuStats;
  memory: MemoryStats;
}

export interface PodStats {
  podRef: { name: string; namespace: string; uid: string };
  startTime: string;
  containers: ContainerStats[];
  cpu: CpuStats;
  memory: MemoryStats;
}

export interface NodeStats {
  nodeName: string;
  startTime: string;
  cpu: CpuStats;
  memory: MemoryStats;
}

/** The pod's figures are the sums of its containers'; no rate unless every container has one. */
export function sumOf(containers: readonly ContainerStats[], time: string): { cpu: CpuStats; memory: MemoryStats } {
  const add = (pick: (stats: ContainerStats) => number): number => containers.reduce((sum, stats) => sum + pick(stats), 0);
  const complete = containers.length > 0 && containers.every(({ cpu }) => cpu.usageNanoCores !== undefined);
  return {
    cpu: {
      time,
      ...(complete ? { usageNanoCores: add(({ cpu }) => cpu.usageNanoCores ?? 0) } : {}),
      usageCoreNanoSeconds: add(({ cpu }) => cpu.usageCoreNanoSeconds),
    },
    memory: {
      time,
      usageBytes: add(({ memory }) => memory.usageBytes),
      workingSetBytes: add(({ memory }) => memory.workingSetBytes),
      rssBytes: add(({ memory }) => memory.rssBytes),
    },
  };
}
