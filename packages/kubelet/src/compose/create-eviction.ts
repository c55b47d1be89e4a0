import { statfs } from 'node:fs/promises';
import { uidOf, type Pod } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import { EvictionManager, type EvictionOrder } from '../eviction/eviction-manager.ts';
import { EvictionMetrics } from '../eviction/eviction-metrics.ts';
import { readDiskLayout } from '../eviction/read-disk-layout.ts';
import { ImageGcLoop } from '../images/image-gc-loop.ts';
import { ImageGcManager, type ImageFsSpace } from '../images/image-gc-manager.ts';
import { ContainerLogManager } from '../logs/container-log-manager.ts';
import { nodeReference } from '../node/node-reference.ts';
import type { PodWorkers } from '../pod/pod-workers.ts';
import { UnusedContainers } from '../runtime/unused-containers.ts';
import type { MetricFamily } from '../server/prometheus-text.ts';
import type { StatsProvider } from '../stats/stats-provider.ts';
import type { Summary } from '../stats/summary.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';

export interface EvictionHooks {
  stats: Pick<StatsProvider, 'summary'>;
  workers: Pick<PodWorkers, 'has' | 'hasEnded' | 'interrupt'>;
  /** The node's conditions have changed. */
  onConditions: () => void;
}

export interface EvictionParts {
  manager: EvictionManager;
  imageGc: ImageGcLoop;
  /** Absent where the runtime rotates logs itself. */
  logs?: ContainerLogManager;
  metrics: () => MetricFamily[];
}

/** Volumes with a limit are measured at each look. */
const limitedVolumesMaxAgeMs = 9_000;
/** What images take is of no concern to a look; the room that is left is read each time. */
const imagesMaxAgeMs = 300_000;
/** How old the figures may be by which a pod is chosen, and how long new ones are waited for. */
const rankedVolumesMaxAgeMs = 5_000;
const measureTimeoutMs = 20_000;

/** What keeps the node from running full. */
export function createEviction(core: Core, base: BaseParts, { stats, workers, onConditions }: EvictionHooks): EvictionParts {
  const { config, runtime, clock, logger, paths } = core;
  const { recorder, statuses, activePods, evictions } = base;
  const metrics = new EvictionMetrics();
  const unused = new UnusedContainers({ runtime, statuses, paths, logger, hasEnded: (uid) => workers.has(uid) && workers.hasEnded(uid) });
  const images = createImageGc(core, base, unused);
  const manager = new EvictionManager({
    config: config.eviction, metrics, clock, logger, onConditions,
    look: (pods) => stats.summary({ pods, volumes: { maxAgeMs: limitedVolumesMaxAgeMs, waits: false }, imageFsMaxAgeMs: imagesMaxAgeMs }),
    measure: (volumes) => measure(stats, volumes, clock),
    diskLayout: () => readDiskLayout(runtime, config.rootDir),
    activePods: () => activePods().filter((pod) => evictions.get(uidOf(pod)) === undefined),
    evict: createEvict(core, base, workers),
    hasEnded: (pod) => workers.hasEnded(uidOf(pod)),
    reclaim: { containers: () => unused.removeAll(), images: () => images.deleteUnusedImages() },
    onThresholdMet: (message) => recorder.event(nodeReference(config.nodeName), 'Warning', 'EvictionThresholdMet', message),
  });
  const imageGc = new ImageGcLoop({
    manager: images, clock, logger, collects: config.imageGc.highThresholdPercent < 100 || config.imageGc.maxAgeMs > 0,
    onFailed: (message) => recorder.event(nodeReference(config.nodeName), 'Warning', 'ImageGCFailed', message),
  });
  return { manager, imageGc, ...(config.containerRuntime === 'remote' ? { logs: createLogManager(core) } : {}), metrics: () => [...metrics.families(), removedImages(images)] };
}

/** A huge tree holds nobody up: what is known of it counts. */
async function measure(stats: Pick<StatsProvider, 'summary'>, volumes: boolean, clock: Clock): Promise<Summary> {
  if (!volumes) return stats.summary();
  const done = new AbortController();
  const known = clock.sleep(measureTimeoutMs, done.signal).then(() => stats.summary());
  known.catch(() => undefined);
  return Promise.race([stats.summary({ volumes: { maxAgeMs: rankedVolumesMaxAgeMs, waits: true } }), known]).finally(() => done.abort());
}

function createLogManager({ config, runtime, clock, logger }: Core): ContainerLogManager {
  const { maxWorkers, monitorPeriodMs, ...limits } = config.containerLogs;
  return new ContainerLogManager({ runtime, limits, maxWorkers, periodMs: monitorPeriodMs, clock, logger });
}

function createEvict({ clock }: Core, { evictions, events }: BaseParts, workers: EvictionHooks['workers']) {
  return (pod: Pod, { message, gracePeriodSeconds, annotations, isDisruption }: EvictionOrder): void => {
    const rejection = { reason: 'Evicted', message };
    const isNew = isDisruption ? evictions.disrupt(pod, rejection, gracePeriodSeconds, clock.now()) : evictions.evict(pod, rejection, gracePeriodSeconds);
    if (!isNew) return;
    events.pod(pod, 'Warning', 'Evicted', message, annotations);
    workers.interrupt(uidOf(pod), gracePeriodSeconds);
  };
}

function createImageGc({ config, runtime, clock, logger }: Core, { recorder }: BaseParts, unused: UnusedContainers): ImageGcManager {
  return new ImageGcManager({
    images: runtime, policy: config.imageGc, clock, logger,
    imagesInUse: () => unused.imagesInUse(),
    imageFs: async () => spaceOf((await runtime.imageFsInfo()).imageFilesystem.mountpoint),
    onTrouble: (reason, message) => recorder.event(nodeReference(config.nodeName), 'Warning', reason, message),
  });
}

async function spaceOf(path: string): Promise<ImageFsSpace> {
  const { blocks, bavail, bsize } = await statfs(path);
  return { capacityBytes: blocks * bsize, availableBytes: bavail * bsize };
}

function removedImages(images: ImageGcManager): MetricFamily {
  const samples = [...images.removed()].map(([reason, value]) => ({ labels: { reason }, value }));
  return { name: 'kubelet_image_garbage_collected_total', help: 'Total number of images garbage collected by the kubelet, whether through disk usage or image age.', type: 'counter', samples };
}
