import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { mountPointsBelow } from '@podling/shared/process';
import { CriError } from '../cri.ts';
import type { SnapshotMount } from './containerd-types.ts';
import { exec } from './exec.ts';

/** What names of an image's users and groups are looked up in; '' for a file that it does not have. */
export interface AccountFiles {
  passwd: string;
  group: string;
}

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_LINKS = 40;
const MAX_REMEMBERED = 64;
const MOUNT_TIMEOUT_MS = 10_000;

/**
 * Files of images, read as a container sees them: upper layers over lower ones, links never out of the image. Several
 * layers are mounted for the moment, since what an upper one hides only the kernel knows.
 */
export class ImageFiles {
  readonly #folder: string;
  readonly #accounts = new Map<string, Promise<AccountFiles>>();
  #swept: Promise<void> | undefined;
  #sequence = 0;

  /** `folder` is this class' own; mounts that an earlier process left there are removed. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Of the image that `mounts`, a container's fresh root, are made of; they are asked for once. Fails with `InvalidArgument`. */
  accounts(chainId: string, mounts: () => Promise<readonly SnapshotMount[]>): Promise<AccountFiles> {
    const known = this.#accounts.get(chainId);
    if (known !== undefined) return known;
    const reading = mounts().then((layers) => this.#read(imageLayers(layers)));
    if (this.#accounts.size >= MAX_REMEMBERED) this.#accounts.clear();
    this.#accounts.set(chainId, reading);
    reading.catch(() => this.#accounts.delete(chainId));
    return reading;
  }

  async #read(layers: readonly string[]): Promise<AccountFiles> {
    const [only] = layers;
    if (only === undefined) return { passwd: '', group: '' };
    if (layers.length === 1) return accountsIn(only);
    await (this.#swept ??= this.#sweep());
    const target = join(this.#folder, `${process.pid}-${(this.#sequence += 1)}`);
    mkdirSync(target, { recursive: true });
    try {
      await mountLayers(layers, target);
      return accountsIn(target);
    } finally {
      await unmount(target);
    }
  }

  async #sweep(): Promise<void> {
    for (const target of mountPointsBelow(this.#folder)) await unmount(target);
  }
}

/** Reads a file below `root`, whose links lead nowhere else. '' when there is none. */
export function readWithin(root: string, path: string): string {
  const found = resolveWithin(root, path);
  const stats = found === undefined ? undefined : statsOf(found);
  if (found === undefined || !stats?.isFile()) return '';
  if (stats.size > MAX_FILE_BYTES) throw new CriError('InvalidArgument', `${path} of the image is larger than ${MAX_FILE_BYTES} bytes`);
  return readFileSync(found, 'utf8');
}

function resolveWithin(root: string, path: string): string | undefined {
  let rest = parts(path);
  let place = '/';
  for (let links = 0; rest.length > 0; ) {
    const next = posix.join(place, rest[0] ?? '');
    rest = rest.slice(1);
    const stats = statsOf(join(root, next));
    if (stats === undefined) return undefined;
    if (!stats.isSymbolicLink()) {
      place = next;
      continue;
    }
    if ((links += 1) > MAX_LINKS) return undefined;
    const target = readlinkSync(join(root, next));
    rest = [...parts(target), ...rest];
    if (target.startsWith('/')) place = '/';
  }
  return join(root, place);
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function accountsIn(root: string): AccountFiles {
  return { passwd: readWithin(root, '/etc/passwd'), group: readWithin(root, '/etc/group') };
}

/** The image's part of a root, the upper layer first. */
export function imageLayers(mounts: readonly SnapshotMount[]): string[] {
  return mounts.flatMap(({ type, source, options }) => {
    if (type === 'bind') return [source];
    const lower = options.find((option) => option.startsWith('lowerdir='))?.slice('lowerdir='.length);
    return (lower ?? '').split(':').filter((folder) => folder !== '');
  });
}

/** By paths relative to their common folder: the kernel takes options of one page only. */
async function mountLayers(layers: readonly string[], target: string): Promise<void> {
  const common = layers.map(dirname).reduce(commonFolder);
  const lower = layers.map((layer) => relative(common, layer)).join(':');
  await exec('mount', ['-t', 'overlay', '-o', `ro,lowerdir=${lower}`, 'overlay', target], { cwd: common, timeoutMs: MOUNT_TIMEOUT_MS });
}

function commonFolder(left: string, right: string): string {
  let folder = left;
  while (right !== folder && !right.startsWith(`${folder}/`) && folder !== '/') folder = dirname(folder);
  return folder;
}

async function unmount(target: string): Promise<void> {
  await exec('umount', ['--lazy', target], { timeoutMs: MOUNT_TIMEOUT_MS }).catch(() => {});
  try {
    // Not recursive: should it still be mounted, it is the image.
    rmdirSync(target);
  } catch {
    // The next process sweeps it.
  }
}
