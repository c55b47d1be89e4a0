import { join } from 'node:path';
import type { PodSandboxStats, RuntimeService } from '@podling/cri';
import { formatTime, uidOf, type Pod } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import { podUidSelector } from '../runtime/labels.ts';
import type { PodPaths } from '../runtime/pod-paths.ts';
import { CpuUsage } from './cpu-usage.ts';
import type { DiskUsage } from './disk-usage.ts';
import { fileUsage, filesUsage, readFsSpace, type Usage } from './fs-space.ts';
import { layerSpaces } from './layer-spaces.ts';
import type { NodeStatsReader } from './node-stats.ts';
import { readPods, type StatsRuntime } from './pod-readings.ts';
import { containerStats, podStats, type PodDisk, type PodReading, type Rendering } from './pod-stats.ts';
import { sharedReading } from './shared-reading.ts';
import type { ContainerStats, PodStats, Summary } from './summary.ts';
import { measuredVolumes, measureVolumes, volumeStats, type VolumeMeasuring } from './volume-stats.ts';

export interface StatsProviderOptions {
  runtime: StatsRuntime & Pick<RuntimeService, 'containerStats'>;
  listPods: () => Pod[];
  node: NodeStatsReader;
  disk: DiskUsage;
  paths: PodPaths;
  /** How often volumes are measured while somebody asks; 0: not at all. */
  volumePeriodMs: number;
  clock: Clock;
}

/** What is read for a summary; the default is everything, with volumes as far as they are known. */
export interface SummaryScope {
  /** Others are left out, and nothing is read or measured of them. */
  pods?: (pod: Pod) => boolean;
  volumes?: VolumeMeasuring;
  /** How old the figures of images may be; the file system's own are always new. */
  imageFsMaxAgeMs?: number;
}

const imageFsAgeMs = 10_000;

/**
 * What node, pods and containers use, read when somebody asks. Any number of readers at once share one reading; a pod that
 * goes meanwhile is left out. Upstream twins: `stats.Provider`, `SummaryProvider`.
 */
export class StatsProvider {
  readonly #options: StatsProviderOptions;
  readonly #cpu = new CpuUsage();

  constructor(options: StatsProviderOptions) {
    this.#options = options;
  }

  summary(scope?: SummaryScope): Promise<Summary> {
    return scope === undefined ? this.#whole() : this.#summary(scope);
  }

  readonly #whole = sharedReading(() => this.#summary({}));

  /** Processor and memory alone. */
  readonly cpuAndMemory = sharedReading(() => this.#cpuAndMemory(this.#rendering()));

  /** The same, with times to the millisecond: collectors make rates of them. */
  readonly forRates = sharedReading(() => this.#cpuAndMemory(this.#rendering((timestampMs) => new Date(timestampMs).toISOString())));

  /** What the runtime tells of the pods that run. */
  readonly readings = sharedReading(async (): Promise<PodReading[]> => {
    const sandboxes = await readPods(this.#options.runtime);
    this.#forgetOthers(sandboxes);
    return matched(this.#options.listPods(), sandboxes);
  });

  /** Fails with the runtime's `NotFound` for a container that is gone or being deleted. */
  async container(pod: Pod, containerId: string): Promise<ContainerStats> {
    return containerStats(pod, await this.#options.runtime.containerStats(containerId), undefined, this.#rendering());
  }

  async #cpuAndMemory(rendering: Rendering): Promise<Summary> {
    const [readings, node] = await Promise.all([this.readings(), this.#options.node.cpuAndMemory(rendering)]);
    return { node, pods: readings.map((reading) => podStats(reading, undefined, rendering)).filter(hasContainers) };
  }

  async #summary({ pods, volumes, imageFsMaxAgeMs = imageFsAgeMs }: SummaryScope): Promise<Summary> {
    const rendering = this.#rendering();
    const [readings, node] = await Promise.all([
      pods === undefined ? this.readings() : this.#readingsOf(this.#options.listPods().filter(pods)),
      this.#options.node.all(rendering, imageFsMaxAgeMs),
    ]);
    return { node, pods: await this.#podsWithDisk(readings, rendering, volumes ?? { maxAgeMs: this.#options.volumePeriodMs, waits: false }) };
  }

  async #readingsOf(pods: readonly Pod[]): Promise<PodReading[]> {
    const found = await Promise.all(pods.map((pod) => readPods(this.#options.runtime, podUidSelector(uidOf(pod)))));
    return matched(pods, new Map(found.flatMap((sandboxes) => [...sandboxes])));
  }

  async #podsWithDisk(readings: readonly PodReading[], rendering: Rendering, measuring: VolumeMeasuring): Promise<PodStats[]> {
    const { paths, clock, disk, volumePeriodMs } = this.#options;
    const nodeFs = readings.length === 0 ? undefined : await readFsSpace(paths.podsRoot, clock.now());
    if (nodeFs === undefined) return [];
    const volumesOf = new Map(readings.map(({ pod }) => [pod, volumePeriodMs === 0 ? [] : measuredVolumes(pod, paths)]));
    const [usages, layerFs] = await Promise.all([measureVolumes(disk, [...volumesOf.values()].flat(), measuring), layerSpaces(readings, clock.now())]);
    const all = await Promise.all(readings.map(async (reading) => {
      const [logs, volumes, etcHosts] = await Promise.all([
        this.#logs(reading),
        volumeStats(volumesOf.get(reading.pod) ?? [], usages, nodeFs, rendering.stamp),
        fileUsage(paths.etcHosts(uidOf(reading.pod))),
      ]);
      const podDisk: PodDisk = { nodeFs, layerFs, logs, volumes, etcHosts };
      return podStats(reading, podDisk, rendering);
    }));
    return all.filter(hasContainers);
  }

  async #logs({ pod, sandbox }: PodReading): Promise<Map<string, Usage>> {
    const folder = this.#options.paths.logDir(pod);
    const entries = await Promise.all(sandbox.containers.map(async ({ metadata: { name } }) => [name, await filesUsage(join(folder, name))] as const));
    return new Map(entries);
  }

  #forgetOthers(sandboxes: ReadonlyMap<string, PodSandboxStats>): void {
    const running = [...sandboxes.values()].flatMap(({ id, containers }) => [id, ...containers.map((container) => container.id)]);
    this.#cpu.retain(new Set([...this.#options.node.keys(), ...running]));
  }

  #rendering(stamp = (timestampMs: number): string => formatTime(new Date(timestampMs))): Rendering {
    return { stamp, cpu: this.#cpu };
  }
}

function matched(pods: readonly Pod[], sandboxes: ReadonlyMap<string, PodSandboxStats>): PodReading[] {
  return pods.flatMap((pod) => {
    const sandbox = sandboxes.get(uidOf(pod));
    return sandbox === undefined ? [] : [{ pod, sandbox }];
  });
}

function hasContainers({ containers }: PodStats): boolean {
  return containers.length > 0;
}
