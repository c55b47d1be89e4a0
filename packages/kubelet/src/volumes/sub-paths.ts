import { lstat, mkdir, rmdir, stat, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Stats } from 'node:fs';
import type { Mount } from '@podling/cri';
import { uidOf, type Container, type Pod } from '@podling/shared/api';
import { isMountPoint } from '@podling/shared/process';
import type { Logger } from '@podling/shared/util';
import type { PlannedMount, SubPath, SubPathMounts } from '../runtime/container-mounts.ts';
import { ContainerConfigError } from '../runtime/environment.ts';
import type { PodPaths } from '../runtime/pod-paths.ts';
import type { Mounter } from './mounter.ts';
import { openBeneath } from './open-beneath.ts';

/**
 * Hands parts of volumes to containers. The part is opened without ever leaving the volume, and what was opened, not
 * its path, is bound to a place that only root reaches; the runtime mounts from there. A container that puts a link to
 * the node's files in the way gains nothing, before or after.
 * What an earlier run of the container had bound is bound anew when it is no longer the same file.
 * Upstream twin: volume util `subpath`.
 */
export class SubPaths implements SubPathMounts {
  readonly #paths: PodPaths;
  readonly #mounter: Mounter;
  readonly #logger: Logger;

  constructor({ paths, mounter, logger }: { paths: PodPaths; mounter: Mounter; logger: Logger }) {
    this.#paths = paths;
    this.#mounter = mounter;
    this.#logger = logger;
  }

  async bind(pod: Pod, container: Container, mounts: readonly PlannedMount[]): Promise<Mount[]> {
    const bound: Mount[] = [];
    for (const { subPath, ...mount } of mounts) {
      bound.push(subPath ? { ...mount, hostPath: await this.#prepare(pod, container, mount.hostPath, subPath) } : mount);
    }
    return bound;
  }

  /** What went wrong in detail would tell the user of the node's files. */
  async #prepare(pod: Pod, { name }: Container, volume: string, subPath: SubPath): Promise<string> {
    const target = this.#paths.subPath(uidOf(pod), subPath.volume, name, subPath.index);
    try {
      return await this.#bindOne(volume, subPath.path, target);
    } catch (cause) {
      this.#logger.warn({ err: cause, pod: pod.metadata.name, uid: uidOf(pod), container: name, volume: subPath.volume }, 'subPath failed');
      throw new ContainerConfigError(`failed to prepare subPath for volumeMount "${subPath.volume}" of container "${name}"`, { cause });
    }
  }

  /** Missing folders are as open as the volume's own. */
  async #bindOne(volume: string, path: string, target: string): Promise<string> {
    const { mode } = await stat(volume);
    const handle = await openBeneath(volume, path, mode & 0o7777);
    try {
      const wanted = await handle.stat();
      if (await this.#isBound(target, wanted)) return target;
      await this.#place(handle, wanted, target);
      return target;
    } finally {
      await handle.close();
    }
  }

  async #isBound(target: string, wanted: Stats): Promise<boolean> {
    return isMountPoint(target) && isSame(await lstat(target), wanted);
  }

  async #place(handle: FileHandle, wanted: Stats, target: string): Promise<void> {
    await this.#mounter.unmountBelow(target);
    await removeOne(target);
    await mkdir(dirname(target), { recursive: true, mode: 0o750 });
    await (wanted.isDirectory() ? mkdir(target, { mode: 0o750 }) : writeFile(target, '', { mode: 0o640 }));
    if (!(await this.#mounter.bind(handle.fd, target))) return;
    if (isSame(await lstat(target), wanted)) return;
    await this.#mounter.unmountBelow(target);
    throw new Error(`${target} is not what was opened`);
  }
}

/** An empty folder or a file, never what lies in it. */
async function removeOne(path: string): Promise<void> {
  await rmdir(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') await unlink(path);
    else if (error.code !== 'ENOENT') throw error;
  });
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
