import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { quantityToBytes, uidOf, type Container, type EmptyDirVolumeSource, type Pod } from '@podling/shared/api';
import type { PodPaths } from '../runtime/pod-paths.ts';
import type { Mounter } from './mounter.ts';
import { giveToGroup, openToAll } from './ownership.ts';

export interface EmptyDirsOptions {
  paths: PodPaths;
  mounter: Mounter;
  nodeMemoryBytes: bigint;
}

/** emptyDir volumes: folders of the node's disk, or of memory. Upstream twin: volume plugin `emptydir`. */
export class EmptyDirs {
  readonly #options: EmptyDirsOptions;

  constructor(options: EmptyDirsOptions) {
    this.#options = options;
  }

  /** From its first container on the volume is the pod's, its mode and owner too. */
  async setUp(pod: Pod, name: string, { medium = '', sizeLimit }: EmptyDirVolumeSource): Promise<string> {
    checkMedium(medium);
    const { paths, mounter, nodeMemoryBytes } = this.#options;
    const path = paths.volume(uidOf(pod), 'empty-dir', name);
    const ready = paths.volumeReady(uidOf(pod), 'empty-dir', name);
    const isMade = (await mkdir(path, { recursive: true })) !== undefined;
    const isMounted = medium === 'Memory' && (await mounter.mountTmpfs(path, memorySize(pod, sizeLimit, nodeMemoryBytes)));
    if (!isMade && !isMounted && existsSync(ready)) return path;
    await openToAll(path);
    const fsGroup = pod.spec.securityContext?.fsGroup;
    if (fsGroup !== undefined) await giveToGroup(path, fsGroup, false);
    await mkdir(dirname(ready), { recursive: true });
    await writeFile(ready, '');
    return path;
  }
}

function checkMedium(medium: string): void {
  if (medium.startsWith('HugePages')) throw new Error(`emptyDir medium "${medium}": huge pages are not supported by this node`);
  if (medium !== '' && medium !== 'Memory') throw new Error(`unknown storage medium "${medium}"`);
}

/** The smallest of what the node has, what the pod may use, and what the volume asks for. Upstream twin: `calculateEmptyDirMemorySize`. */
export function memorySize(pod: Pod, sizeLimit: string | undefined, nodeMemoryBytes: bigint): bigint {
  const limits = [nodeMemoryBytes, podMemoryLimit(pod), sizeLimit === undefined ? 0n : quantityToBytes(sizeLimit)].filter((bytes) => bytes > 0n);
  return limits.reduce((least, bytes) => (bytes < least ? bytes : least), limits[0] ?? 0n);
}

/** 0: none, since a container has none. Sidecars run beside the others, other init containers alone. */
function podMemoryLimit({ spec }: Pod): bigint {
  const own = spec.resources?.limits?.['memory'];
  if (own !== undefined) return quantityToBytes(own);
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  if (all.some((container) => limitOf(container) === 0n)) return 0n;
  let beside = 0n;
  let most = 0n;
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') beside += limitOf(container);
    const together = container.restartPolicy === 'Always' ? beside : beside + limitOf(container);
    if (together > most) most = together;
  }
  const running = spec.containers.reduce((sum, container) => sum + limitOf(container), beside);
  return running > most ? running : most;
}

function limitOf({ resources }: Container): bigint {
  return quantityToBytes(resources?.limits?.['memory'] ?? '0');
}
