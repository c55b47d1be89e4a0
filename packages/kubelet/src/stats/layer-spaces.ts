import { readFsSpace, type FsSpace } from './fs-space.ts';
import type { PodReading } from './pod-stats.ts';

/** The file systems that writable layers lie on, by the folder that the runtime names; one that is not there is left out. */
export async function layerSpaces(readings: readonly PodReading[], nowMs: number): Promise<Map<string, FsSpace>> {
  const folders = new Set(readings.flatMap(({ sandbox }) => sandbox.containers.flatMap(({ writableLayer }) => writableLayer?.mountpoint ?? [])));
  const entries = await Promise.all([...folders].map(async (folder) => [folder, await readFsSpace(folder, nowMs)] as const));
  return new Map(entries.flatMap(([folder, space]) => (space ? [[folder, space] as const] : [])));
}
