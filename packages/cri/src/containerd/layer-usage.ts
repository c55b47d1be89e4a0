import { Measurements } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import type { FilesystemUsage, ImageFsInfo } from '../cri.ts';
import { SNAPSHOTTER } from './snapshotter.ts';
import type { ContainerdClient } from './containerd-client.ts';

export interface LayerUsageOptions {
  client: Pick<ContainerdClient, 'call' | 'stream'>;
  clock: Clock;
  logger: Logger;
}

interface Size {
  bytes: number;
  inodes: number;
  timestampMs: number;
}

interface Snapshot {
  name: string;
  kind: 'UNKNOWN' | 'VIEW' | 'ACTIVE' | 'COMMITTED';
}

/** How old a figure may be, as in containerd's own CRI. */
const maxAgeMs = 10_000;
/** containerd walks a writable layer for each. */
const atOnce = 4;
const LIST_DEADLINE_MS = 10_000;

/**
 * What layers take on disk, measured by containerd when somebody asks, a few at a time, and served with the moment at
 * which that was. What is committed does not change any more and is asked about once.
 */
export class LayerUsage {
  readonly #options: LayerUsageOptions;
  readonly #writable: Measurements<Size>;
  readonly #committed = new Map<string, Size>();
  #root: Promise<string> | undefined;
  /** For those who need not wait. */
  #knownRoot: string | undefined;

  constructor(options: LayerUsageOptions) {
    const { clock } = options;
    this.#options = options;
    this.#writable = new Measurements({ clock, measure: (keys, tell) => this.#measure(keys, tell) });
  }

  /** Of containers, as far as it is known; the rest is measured behind. */
  latest(ids: readonly string[]): Map<string, FilesystemUsage> {
    const sizes = this.#writable.latest(ids, maxAgeMs);
    const mountpoint = this.#knownRoot;
    if (mountpoint === undefined) void this.#rootFolder().catch(() => undefined);
    return mountpoint === undefined ? new Map() : new Map([...sizes].map(([id, size]) => [id, usageOf(mountpoint, [size], size.timestampMs)]));
  }

  /** Images are what is committed, writable layers what is active; both on one file system. */
  async imageFsInfo(): Promise<ImageFsInfo> {
    const [mountpoint, snapshots] = await Promise.all([this.#rootFolder(), this.#list()]);
    const names = (kind: Snapshot['kind']): string[] => snapshots.filter((snapshot) => snapshot.kind === kind).map(({ name }) => name);
    const [committed, active] = await Promise.all([this.#committedSizes(names('COMMITTED')), this.#activeSizes(names('ACTIVE'))]);
    const nowMs = this.#options.clock.now();
    return { imageFilesystem: usageOf(mountpoint, committed, nowMs), containerFilesystem: usageOf(mountpoint, active, Math.min(nowMs, ...active.map(({ timestampMs }) => timestampMs))) };
  }

  /** The first time everybody waits, later nobody. */
  async #activeSizes(names: string[]): Promise<Size[]> {
    const known = this.#writable.latest(names, maxAgeMs);
    const sizes = known.size > 0 ? known : await this.#writable.measure(names, maxAgeMs);
    return [...sizes.values()];
  }

  async #committedSizes(names: string[]): Promise<Size[]> {
    await inTurn(names.filter((name) => !this.#committed.has(name)), async (name) => {
      const size = await this.#sizeOf(name);
      if (size !== undefined) this.#committed.set(name, size);
    });
    const present = new Set(names);
    for (const name of this.#committed.keys()) if (!present.has(name)) this.#committed.delete(name);
    return [...this.#committed.values()];
  }

  async #measure(keys: readonly string[], tell: (key: string, size: Size) => void): Promise<void> {
    await inTurn(keys, async (key) => {
      const size = await this.#sizeOf(key);
      if (size !== undefined) tell(key, size);
    });
  }

  /** Undefined for one that is gone, or cannot be measured now. */
  async #sizeOf(key: string): Promise<Size | undefined> {
    const { client, clock, logger } = this.#options;
    try {
      const { size, inodes } = await client.call<{ size: string; inodes: string }>('snapshots', 'usage', { snapshotter: SNAPSHOTTER, key });
      return { bytes: Number(size), inodes: Number(inodes), timestampMs: clock.now() };
    } catch (error) {
      logger.debug({ err: error, snapshot: key }, 'layer not measured');
      return undefined;
    }
  }

  async #list(): Promise<Snapshot[]> {
    const stream = this.#options.client.stream('snapshots', 'list', { snapshotter: SNAPSHOTTER }, { deadlineMs: LIST_DEADLINE_MS });
    const all: Snapshot[] = [];
    for await (const { info } of stream as AsyncIterable<{ info: Snapshot[] }>) all.push(...info);
    return all;
  }

  #rootFolder(): Promise<string> {
    this.#root ??= this.#readRoot();
    this.#root.then((root) => void (this.#knownRoot = root), () => void (this.#root = undefined));
    return this.#root;
  }

  /** Where the snapshotter keeps its layers, as it says itself. */
  async #readRoot(): Promise<string> {
    const filters = [`type==io.containerd.snapshotter.v1,id==${SNAPSHOTTER}`];
    const { plugins } = await this.#options.client.call<{ plugins: { exports: Record<string, string> }[] }>('introspection', 'plugins', { filters });
    return plugins[0]?.exports['root'] ?? '/';
  }
}

function usageOf(mountpoint: string, sizes: readonly Size[], timestampMs: number): FilesystemUsage {
  const sum = (pick: (size: Size) => number): number => sizes.reduce((total, size) => total + pick(size), 0);
  return { timestampMs, mountpoint, usedBytes: sum(({ bytes }) => bytes), inodesUsed: sum(({ inodes }) => inodes) };
}

/** A few at once. */
async function inTurn(keys: readonly string[], work: (key: string) => Promise<void>): Promise<void> {
  const left = keys.values();
  const worker = async (): Promise<void> => {
    for (const key of left) await work(key);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
