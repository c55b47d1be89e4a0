import type { FilesystemUsage, ImageFsInfo, ImageService } from '@podling/cri';
import { readCgroupUsage, type CgroupUsage } from '@podling/shared/process';
import type { Clock, Logger } from '@podling/shared/util';
import { fsStats, readFsSpace } from './fs-space.ts';
import { readNodeUsage, type NodeUsage } from './node-usage.ts';
import { networkStats, usageStats, type Rendering } from './pod-stats.ts';
import type { ContainerStats, FsStats, NodeStats, RuntimeStats } from './summary.ts';

/** Processes of the node that have a cgroup: the kubelet's, all pods'. */
export interface SystemContainer {
  name: 'kubelet' | 'pods';
  /** Below the mount. */
  cgroup: string;
  startedAtMs: number;
}

export interface NodeStatsOptions {
  nodeName: string;
  rootDir: string;
  images: Pick<ImageService, 'imageFsInfo'>;
  systemContainers: readonly SystemContainer[];
  clock: Clock;
  logger: Logger;
  nodeUsage?: () => Promise<NodeUsage>;
  readCgroup?: (path: string) => CgroupUsage | undefined;
}

/** A rate needs a name that no container has. */
const nodeKey = 'node';

/** What the machine and its own services use. */
export class NodeStatsReader {
  readonly #options: NodeStatsOptions;
  #imageFs: { info: ImageFsInfo; readMs: number } | undefined;

  constructor(options: NodeStatsOptions) {
    this.#options = options;
  }

  /** Names under which rates are kept. */
  keys(): string[] {
    return [nodeKey, ...this.#options.systemContainers.map(({ name }) => keyOf(name))];
  }

  /** Processor and memory alone. */
  async cpuAndMemory(rendering: Rendering): Promise<NodeStats> {
    const { nodeUsage = readNodeUsage } = this.#options;
    return this.#ofUsage(await nodeUsage(), rendering);
  }

  /** The images' file system is looked at each time; what images take of it may be so old. */
  async all(rendering: Rendering, imageFsMaxAgeMs: number): Promise<NodeStats> {
    const { nodeUsage = readNodeUsage, rootDir, clock } = this.#options;
    const { stamp } = rendering;
    const [usage, space, runtime] = await Promise.all([nodeUsage(), readFsSpace(rootDir, clock.now()), this.#runtimeStats(rendering, imageFsMaxAgeMs)]);
    const time = stamp(clock.now());
    return {
      ...this.#ofUsage(usage, rendering),
      ...(usage.interfaces.length > 0 ? { network: networkStats(usage.interfaces, time) } : {}),
      ...(space && { fs: fsStats(space, stamp, space) }),
      ...(runtime && { runtime }),
      rlimit: { time, maxpid: usage.maxTaskCount, curproc: usage.taskCount },
    };
  }

  #ofUsage(usage: NodeUsage, rendering: Rendering): NodeStats {
    const { nodeName, clock } = this.#options;
    const timestampMs = clock.now();
    const time = rendering.stamp(timestampMs);
    return {
      nodeName,
      systemContainers: this.#systemContainers(rendering),
      startTime: rendering.stamp(usage.bootTimeMs),
      ...usageStats({ ...usage, id: nodeKey, timestampMs, cpuUsageNanoSeconds: usage.cpuNanoSeconds }, rendering),
      swap: { time, swapAvailableBytes: usage.swapAvailableBytes, swapUsageBytes: usage.swapUsageBytes },
    };
  }

  #systemContainers(rendering: Rendering): ContainerStats[] {
    const { systemContainers, readCgroup = readCgroupUsage, clock } = this.#options;
    return systemContainers.flatMap(({ name, cgroup, startedAtMs }) => {
      const usage = readCgroup(cgroup);
      if (usage === undefined) return [];
      const { cpuNanoSeconds, memoryLimitBytes, memoryWorkingSetBytes, swapBytes } = usage;
      const available = memoryLimitBytes === undefined ? {} : { memoryAvailableBytes: Math.max(0, memoryLimitBytes - memoryWorkingSetBytes) };
      const timestampMs = clock.now();
      const stats = usageStats({ ...usage, ...available, id: keyOf(name), timestampMs, cpuUsageNanoSeconds: cpuNanoSeconds }, rendering);
      const swap = swapBytes === undefined ? {} : { swap: { time: rendering.stamp(timestampMs), swapUsageBytes: swapBytes } };
      return [{ name, startTime: rendering.stamp(startedAtMs), ...stats, ...swap }];
    });
  }

  /** Undefined when the runtime does not tell. */
  async #runtimeStats({ stamp }: Rendering, maxAgeMs: number): Promise<RuntimeStats | undefined> {
    const { clock, logger } = this.#options;
    const statsOf = async (usage: FilesystemUsage): Promise<FsStats> => {
      const space = await readFsSpace(usage.mountpoint, clock.now());
      return space ? fsStats(space, stamp, { ...usage, timestampMs: clock.now() }) : { time: stamp(usage.timestampMs), usedBytes: usage.usedBytes, inodesUsed: usage.inodesUsed };
    };
    try {
      const { imageFilesystem, containerFilesystem } = await this.#imageFsInfo(maxAgeMs);
      const [imageFs, containerFs] = await Promise.all([statsOf(imageFilesystem), statsOf(containerFilesystem)]);
      return { imageFs, containerFs };
    } catch (error) {
      logger.warn({ err: error }, 'the runtime does not tell of its file systems');
      return undefined;
    }
  }

  async #imageFsInfo(maxAgeMs: number): Promise<ImageFsInfo> {
    const { images, clock } = this.#options;
    const nowMs = clock.monotonic();
    if (this.#imageFs !== undefined && nowMs - this.#imageFs.readMs < maxAgeMs) return this.#imageFs.info;
    const info = await images.imageFsInfo();
    this.#imageFs = { info, readMs: nowMs };
    return info;
  }
}

const keyOf = (name: string): string => `system container ${name}`;
