import type { ContainerStats as RuntimeStats, RuntimeService } from '@podling/cri';
import { formatTime, namespaceOf, uidOf, type Pod } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import { containerNameLabel, podUidLabel } from '../runtime/labels.ts';
import { CpuUsage } from './cpu-usage.ts';
import { readNodeUsage, type NodeUsage } from './node-usage.ts';
import type { ContainerStats, CpuStats, MemoryStats, NodeStats, PodStats, Summary } from './summary.ts';

export interface StatsProviderOptions {
  runtime: Pick<RuntimeService, 'listContainerStats' | 'containerStats'>;
  listPods: () => Pod[];
  nodeName: string;
  clock: Clock;
  nodeUsage?: () => Promise<NodeUsage>;
}

const nodeKey = 'node';

/** Memory in bytes and CPU rates of node, pods and containers, straight from the runtime at each scrape. */
export class StatsProvider {
  readonly #options: StatsProviderOptions;
  readonly #cpu = new CpuUsage();

  constructor(options: StatsProviderOptions) {
    this.#options = options;
  }

  async summary(): Promise<Summary> {
    const { runtime, listPods, nodeUsage = readNodeUsage } = this.#options;
    const [all, usage] = await Promise.all([runtime.listContainerStats(), nodeUsage()]);
    const node = this.#node(usage);
    const pods = listPods().map((pod) => this.#pod(pod, all.filter(({ labels }) => labels[podUidLabel] === uidOf(pod))));
    this.#cpu.retain(new Set([nodeKey, ...all.map(({ id }) => id)]));
    return { node, pods: pods.filter(({ containers }) => containers.length > 0) };
  }

  /** Fails with the runtime's `NotFound` for a container that is gone or being deleted. */
  async container(pod: Pod, containerId: string): Promise<ContainerStats> {
    return this.#container(pod, await this.#options.runtime.containerStats(containerId));
  }

  #pod(pod: Pod, stats: readonly RuntimeStats[]): PodStats {
    const containers = stats.filter(({ labels }) => labels[containerNameLabel] !== undefined).map((own) => this.#container(pod, own));
    return {
      podRef: { name: pod.metadata.name, namespace: namespaceOf(pod), uid: uidOf(pod) },
      startTime: pod.status?.startTime ?? '',
      containers,
      ...sumOf(containers, this.#now()),
    };
  }

  #container(pod: Pod, stats: RuntimeStats): ContainerStats {
    const name = stats.labels[containerNameLabel] ?? stats.metadata.name;
    const time = formatTime(new Date(stats.timestampMs));
    const rate = this.#cpu.record(stats.id, { timestampMs: stats.timestampMs, usageNanoSeconds: stats.cpuUsageNanoSeconds });
    const status = pod.status?.containerStatuses?.find((candidate) => candidate.name === name);
    return {
      name,
      startTime: status?.state?.running?.startedAt ?? '',
      cpu: { time, ...(rate === undefined ? {} : { usageNanoCores: Number(rate) }), usageCoreNanoSeconds: Number(stats.cpuUsageNanoSeconds) },
      memory: { time, usageBytes: stats.memoryUsageBytes, workingSetBytes: stats.memoryWorkingSetBytes, rssBytes: stats.memoryRssBytes },
    };
  }

  #node(usage: NodeUsage): NodeStats {
    const time = this.#now();
    const rate = this.#cpu.record(nodeKey, { timestampMs: this.#options.clock.now(), usageNanoSeconds: usage.cpuNanoSeconds });
    return {
      nodeName: this.#options.nodeName,
      startTime: formatTime(new Date(usage.bootTimeMs)),
      cpu: { time, ...(rate === undefined ? {} : { usageNanoCores: Number(rate) }), usageCoreNanoSeconds: Number(usage.cpuNanoSeconds) },
      memory: {
        time,
        availableBytes: usage.memoryAvailableBytes,
        usageBytes: usage.memoryUsageBytes,
        workingSetBytes: usage.memoryWorkingSetBytes,
        rssBytes: usage.memoryWorkingSetBytes,
      },
    };
  }

  #now(): string {
    return formatTime(new Date(this.#options.clock.now()));
  }
}

/** The sums of the containers'; no rate unless every container has one. */
function sumOf(containers: readonly ContainerStats[], time: string): { cpu: CpuStats; memory: MemoryStats } {
  const add = (pick: (stats: ContainerStats) => number | undefined): number => containers.reduce((sum, stats) => sum + (pick(stats) ?? 0), 0);
  const complete = containers.length > 0 && containers.every(({ cpu }) => cpu?.usageNanoCores !== undefined);
  return {
    cpu: {
      time,
      ...(complete ? { usageNanoCores: add(({ cpu }) => cpu?.usageNanoCores) } : {}),
      usageCoreNanoSeconds: add(({ cpu }) => cpu?.usageCoreNanoSeconds),
    },
    memory: {
      time,
      usageBytes: add(({ memory }) => memory?.usageBytes),
      workingSetBytes: add(({ memory }) => memory?.workingSetBytes),
      rssBytes: add(({ memory }) => memory?.rssBytes),
    },
  };
}
