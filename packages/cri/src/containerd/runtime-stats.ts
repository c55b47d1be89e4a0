import { readCgroupUsage, readNetworkUsage } from '@podling/shared/process';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { CgroupStats, ContainerFilter, ContainerStats, FilesystemUsage, NetworkInterfaceUsage, PodSandboxConfig, PodSandboxFilter, PodSandboxStats } from '../cri.ts';
import { matchesContainer, matchesSandbox } from '../filters.ts';
import type { ContainerRecord } from './container-record.ts';
import type { LayerUsage } from './layer-usage.ts';
import type { RecordStore } from './record-store.ts';
import { hasNodeNetwork, isReady } from './sandbox-record.ts';
import type { SandboxRecord } from './sandbox-record.ts';

export interface RuntimeStatsOptions {
  containers: Pick<RecordStore<ContainerRecord>, 'get' | 'values'>;
  sandboxes: Pick<RecordStore<SandboxRecord>, 'values'>;
  /** Whether the container is just being removed. */
  isRemoving: (containerId: string) => boolean;
  layers: Pick<LayerUsage, 'latest'>;
  clock: Clock;
}

/**
 * What containers and sandboxes use: from the kernel's own files, with what the records say of who runs. containerd is
 * asked for layers alone, and that not while somebody waits; so it answers while containerd is away, too.
 */
export class RuntimeStats {
  readonly #options: RuntimeStatsOptions;

  constructor(options: RuntimeStatsOptions) {
    this.#options = options;
  }

  container(id: string): ContainerStats {
    const record = this.#options.containers.get(id);
    const [stats] = record === undefined ? [] : this.#read([record]);
    if (stats === undefined) throw new CriError('NotFound', `container ${id} is not running`);
    return stats;
  }

  listContainers(filter: ContainerFilter = {}): ContainerStats[] {
    const records = this.#options.containers.values();
    return this.#read(records.filter((record) => matchesContainer({ ...record, ...record.config, state: 'CONTAINER_RUNNING' }, filter)));
  }

  sandbox(id: string): PodSandboxStats {
    const [stats] = this.listSandboxes({ id });
    if (stats === undefined) throw new CriError('NotFound', `sandbox ${id} not found, or not ready`);
    return stats;
  }

  listSandboxes(filter: PodSandboxFilter = {}): PodSandboxStats[] {
    const ready = this.#options.sandboxes.values().filter((record) => isReady(record) && matchesSandbox({ ...record, ...record.config, state: 'SANDBOX_READY' }, filter));
    const containers = Map.groupBy(this.#options.containers.values(), ({ podSandboxId }) => podSandboxId);
    return ready.flatMap((record) => this.#sandboxStats(record, containers.get(record.id) ?? []));
  }

  /** None, if the sandbox has just gone. */
  #sandboxStats({ id, pid, config }: SandboxRecord, containers: readonly ContainerRecord[]): PodSandboxStats[] {
    const ownStats = this.#read(containers);
    const usage = ownsCgroup(config) ? this.#cgroup(config.cgroupParent) : sumOf(ownStats, this.#options.clock.now());
    if (usage === undefined) return [];
    const network = hasNodeNetwork(config) ? undefined : readNetworkUsage(pid);
    const { metadata, labels } = config;
    return [{ id, metadata, labels, ...usage, ...(network && { networkInterfaces: network.map(interfaceUsage) }), containers: ownStats }];
  }

  #read(records: readonly ContainerRecord[]): ContainerStats[] {
    const running = records.filter(({ id, startedAtMs, exit }) => startedAtMs > 0 && exit === undefined && !this.#options.isRemoving(id));
    const layers = running.length === 0 ? new Map<string, FilesystemUsage>() : this.#options.layers.latest(running.map(({ id }) => id));
    return running.flatMap(({ id, config: { metadata, labels }, cgroupsPath }) => {
      const usage = this.#cgroup(cgroupsPath);
      const writableLayer = layers.get(id);
      return usage ? [{ id, metadata, labels, ...usage, ...(writableLayer && { writableLayer }) }] : [];
    });
  }

  #cgroup(path: string): CgroupStats | undefined {
    const usage = readCgroupUsage(path);
    if (usage === undefined) return undefined;
    const { cpuNanoSeconds, memoryUsageBytes, memoryWorkingSetBytes, memoryRssBytes, memoryLimitBytes, pageFaults, majorPageFaults, swapBytes, taskCount } = usage;
    return {
      timestampMs: this.#options.clock.now(),
      cpuUsageNanoSeconds: cpuNanoSeconds,
      memoryUsageBytes, memoryWorkingSetBytes, memoryRssBytes, pageFaults, majorPageFaults,
      ...(memoryLimitBytes === undefined ? {} : { memoryAvailableBytes: Math.max(0, memoryLimitBytes - memoryWorkingSetBytes) }),
      ...(swapBytes === undefined ? {} : { swapUsageBytes: swapBytes }),
      ...(taskCount === undefined ? {} : { processCount: taskCount }),
    };
  }
}

/** Without a parent the containers stand beside everybody else's: its cgroup is the node's. */
function ownsCgroup({ cgroupParent }: PodSandboxConfig): boolean {
  return /[^/]/.test(cgroupParent);
}

function sumOf(containers: readonly ContainerStats[], timestampMs: number): CgroupStats {
  const sum = (of: (stats: ContainerStats) => number | undefined): number => containers.reduce((total, stats) => total + (of(stats) ?? 0), 0);
  return {
    timestampMs,
    cpuUsageNanoSeconds: containers.reduce((total, { cpuUsageNanoSeconds }) => total + cpuUsageNanoSeconds, 0n),
    memoryUsageBytes: sum((stats) => stats.memoryUsageBytes),
    memoryWorkingSetBytes: sum((stats) => stats.memoryWorkingSetBytes),
    memoryRssBytes: sum((stats) => stats.memoryRssBytes),
    pageFaults: sum((stats) => stats.pageFaults),
    majorPageFaults: sum((stats) => stats.majorPageFaults),
    ...(containers.some(({ swapUsageBytes }) => swapUsageBytes !== undefined) ? { swapUsageBytes: sum((stats) => stats.swapUsageBytes) } : {}),
    ...(containers.some(({ processCount }) => processCount !== undefined) ? { processCount: sum((stats) => stats.processCount) } : {}),
  };
}

function interfaceUsage({ name, rxBytes, rxErrors, txBytes, txErrors }: NetworkInterfaceUsage): NetworkInterfaceUsage {
  return { name, rxBytes, rxErrors, txBytes, txErrors };
}
