import { uidOf, type Pod, type Volume } from '@podling/shared/api';
import type { PodPaths, VolumePlugin } from '../runtime/pod-paths.ts';
import type { DiskUsage } from './disk-usage.ts';
import { addUsage, fsStats, nothing, readFsSpace, type FsSpace, type Stamp, type Usage } from './fs-space.ts';
import type { VolumeStats } from './summary.ts';

/** A volume that the kubelet has made, and what is measured of it. */
export interface MeasuredVolume {
  name: string;
  path: string;
  /** It takes the node's disk: part of the pod's ephemeral storage. */
  isEphemeral: boolean;
}

/** Of a pod; what lies behind a hostPath is the node's. */
export function measuredVolumes(pod: Pod, paths: Pick<PodPaths, 'volume'>): MeasuredVolume[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const plugin = pluginOf(volume);
    if (plugin === undefined) return [];
    const isEphemeral = (volume.emptyDir !== undefined && (volume.emptyDir.medium ?? '') === '') || volume.configMap !== undefined;
    return [{ name: volume.name, path: paths.volume(uidOf(pod), plugin, volume.name), isEphemeral }];
  });
}

function pluginOf({ emptyDir, configMap, secret, downwardAPI, projected }: Volume): VolumePlugin | undefined {
  if (emptyDir) return 'empty-dir';
  if (configMap) return 'configmap';
  if (secret) return 'secret';
  if (downwardAPI) return 'downward-api';
  return projected ? 'projected' : undefined;
}

export interface PodVolumes {
  volumes: VolumeStats[];
  /** Of those that take the node's disk. */
  ephemeral: Usage;
}

/** By what is known of them, each on the file system that holds it; a volume that nobody has measured yet is left out. */
export async function volumeStats(volumes: readonly MeasuredVolume[], usages: ReadonlyMap<string, Usage & { timestampMs: number }>, nodeFs: FsSpace, stamp: Stamp): Promise<PodVolumes> {
  const measured = volumes.filter(({ path }) => usages.has(path));
  const ephemeral = measured.filter(({ isEphemeral }) => isEphemeral).reduce((sum, { path }) => addUsage(sum, usages.get(path)), nothing);
  const all = await Promise.all(measured.map(async ({ name, path }) => {
    const space = await readFsSpace(path, nodeFs.timestampMs);
    return { name, ...fsStats(space ?? nodeFs, stamp, usages.get(path)) };
  }));
  return { volumes: all, ephemeral };
}

/** How a reader wants volumes measured. */
export interface VolumeMeasuring {
  /** Figures may be so old. */
  maxAgeMs: number;
  /** Whether to wait for new ones, or to take what is known and have it renewed behind. */
  waits: boolean;
}

export async function measureVolumes(disk: DiskUsage, volumes: readonly MeasuredVolume[], { maxAgeMs, waits }: VolumeMeasuring) {
  const folders = volumes.map(({ path }) => path);
  return waits ? disk.measure(folders, maxAgeMs) : disk.latest(folders, maxAgeMs);
}
