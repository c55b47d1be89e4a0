import { chmod, mkdir, rm } from 'node:fs/promises';
import { quantityToBytes, uidOf, type EmptyDirVolumeSource, type Pod, type Volume } from '@podling/shared/api';
import type { PodPaths } from '../runtime/pod-paths.ts';
import { setUpHostPath } from './host-path.ts';
import { isMountPoint, mountPointsBelow } from './mount-table.ts';

/** A volume is not there; the pod waits in ContainerCreating, the user reads the message, the kubelet tries again. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

export type Exec = (file: string, args: readonly string[]) => Promise<void>;

/** Volume name → path on the node. */
export type MountedVolumes = ReadonlyMap<string, string>;

/**
 * Prepares a pod's volumes and takes them away again; both idempotent.
 * Called by sync-pod before containers start and when the pod has ended. Upstream twin: kubelet `VolumeManager`.
 */
export class VolumeManager {
  readonly #paths: PodPaths;
  readonly #exec: Exec;

  constructor({ paths, exec }: { paths: PodPaths; exec: Exec }) {
    this.#paths = paths;
    this.#exec = exec;
  }

  /** Fails with `VolumeError` naming the first volume that cannot be set up. */
  async setUp(pod: Pod): Promise<MountedVolumes> {
    const mounted = new Map<string, string>();
    for (const volume of pod.spec.volumes ?? []) mounted.set(volume.name, await this.#setUpVolume(uidOf(pod), volume));
    return mounted;
  }

  /** Removes the pod's own volumes with their content; what lies behind a hostPath stays. */
  async tearDown(uid: string): Promise<void> {
    const folder = this.#paths.volumesDir(uid);
    // What a container has mounted inside a volume is not ours to empty.
    for (const point of await mountPointsBelow(folder)) await this.#exec('umount', [point]);
    await rm(folder, { recursive: true, force: true });
  }

  async #setUpVolume(uid: string, volume: Volume): Promise<string> {
    try {
      if (volume.hostPath) return await setUpHostPath(volume.hostPath);
      if (volume.emptyDir) return await this.#setUpEmptyDir(this.#paths.emptyDir(uid, volume.name), volume.emptyDir);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${reason}`, { cause });
    }
    throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : volume kind "${kindOf(volume)}" is not supported yet`);
  }

  async #setUpEmptyDir(path: string, { medium = '', sizeLimit }: EmptyDirVolumeSource): Promise<string> {
    if (medium !== '' && medium !== 'Memory') throw new Error(`unsupported emptyDir medium "${medium}"`);
    await mkdir(path, { recursive: true });
    if (medium === 'Memory' && !(await isMountPoint(path))) await this.#mountTmpfs(path, sizeLimit);
    await chmod(path, 0o777);
    return path;
  }

  async #mountTmpfs(path: string, sizeLimit: string | undefined): Promise<void> {
    const bytes = sizeLimit === undefined ? 0n : quantityToBytes(sizeLimit);
    const options = bytes > 0n ? ['-o', `size=${bytes}`] : [];
    await this.#exec('mount', ['-t', 'tmpfs', ...options, 'tmpfs', path]);
  }
}

function kindOf(volume: Volume): string {
  return Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
}
