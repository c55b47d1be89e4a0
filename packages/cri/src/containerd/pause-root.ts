import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock, Logger } from '@podling/shared/util';
import { ignoreNotFound } from '../not-found.ts';
import type { ContainerdClient } from './containerd-client.ts';
import type { SnapshotMount } from './containerd-types.ts';
import { imageLayers } from './image-files.ts';
import type { ImageStore, ResolvedImage } from './image-store.ts';
import type { PauseContent } from './nerdctl-cli.ts';
import { SNAPSHOTTER } from './snapshotter.ts';

export interface PauseRootOptions {
  client: ContainerdClient;
  images: Pick<ImageStore, 'resolve'>;
  image: string;
  /** Of its own, on a file system that programs may be run from. */
  folder: string;
  clock: Clock;
  logger: Logger;
}

const LEASE_MS = 10 * 60_000;
/** What is mounted over these is the container's own. */
const MOUNT_POINTS = ['proc', 'sys', 'dev', 'etc'];
const MOUNTED_FILES = ['etc/hosts', 'etc/hostname', 'etc/resolv.conf'];
const UID_GID = /^(?:\d+:\d+)?$/;

/**
 * The pause image laid out in a folder, once per node. All pause containers have it as their read-only root: none needs
 * a snapshot, and nerdctl has nothing to look up in the image, which is a quarter of its time.
 */
export class PauseRoot {
  readonly #options: PauseRootOptions;
  #known: PauseContent | undefined;
  #looking: Promise<PauseContent | undefined> | undefined;

  constructor(options: PauseRootOptions) {
    this.#options = options;
  }

  /**
   * Undefined for an image that is not there, or that only a snapshot can do right: nerdctl sees to it then. Nobody waits
   * for containerd where it was found before: what it says now is for those who come later.
   */
  async content(): Promise<PauseContent | undefined> {
    const known = this.#known;
    this.#looking ??= this.#lookAgain();
    return known && existsSync(known.rootPath) ? known : this.#looking;
  }

  /** Resolves when nothing is written any more. */
  async settled(): Promise<void> {
    await this.#looking;
  }

  async #lookAgain(): Promise<PauseContent | undefined> {
    this.#known = await this.#look();
    this.#looking = undefined;
    return this.#known;
  }

  async #look(): Promise<PauseContent | undefined> {
    try {
      const image = await this.#options.images.resolve(this.#options.image);
      const { process, chainId } = image;
      if (!UID_GID.test(process.user) || [...process.entrypoint, ...process.cmd].length === 0) return undefined;
      const rootPath = join(this.#options.folder, chainId.replace(':', '-'));
      return existsSync(rootPath) || (await this.#layOut(image, rootPath)) ? { rootPath, process } : undefined;
    } catch (err) {
      this.#options.logger.debug({ err }, 'pause image not laid out');
      return undefined;
    }
  }

  /** False for an image of several layers: what an upper one hides only the kernel knows. */
  async #layOut({ chainId }: ResolvedImage, rootPath: string): Promise<boolean> {
    const { client, clock } = this.#options;
    const key = `podling-pause-${randomUUID()}`;
    const expires = new Date(clock.now() + LEASE_MS).toISOString();
    await client.call('leases', 'create', { id: key, labels: { 'containerd.io/gc.expire': expires } });
    try {
      const request = { snapshotter: SNAPSHOTTER, key, parent: chainId };
      const { mounts } = await client.call<{ mounts: SnapshotMount[] }>('snapshots', 'prepare', request, { lease: key });
      const [layer, ...others] = imageLayers(mounts);
      if (layer === undefined || others.length > 0) return false;
      await layOut(layer, rootPath);
      return true;
    } finally {
      await ignoreNotFound(client.call('snapshots', 'remove', { snapshotter: SNAPSHOTTER, key }));
      await ignoreNotFound(client.call('leases', 'delete', { id: key }));
    }
  }
}

/** Whole or not at all. */
async function layOut(layer: string, rootPath: string): Promise<void> {
  const unfinished = `${rootPath}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(dirname(rootPath), { recursive: true, mode: 0o711 });
  await cp(layer, unfinished, { recursive: true, verbatimSymlinks: true });
  for (const folder of MOUNT_POINTS) mkdirSync(join(unfinished, folder), { recursive: true });
  for (const file of MOUNTED_FILES) writeFileSync(join(unfinished, file), '', { flag: 'a' });
  renameSync(unfinished, rootPath);
}
