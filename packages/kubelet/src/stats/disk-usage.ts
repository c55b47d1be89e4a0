import type { Clock, Logger } from '@podling/shared/util';
import { KeyedBackOff } from '../back-off/keyed-back-off.ts';

/** What a folder takes on its own file system. A file with several names counts once. */
export interface FolderUsage {
  usedBytes: number;
  inodesUsed: number;
  /** When it was measured. */
  timestampMs: number;
}

export interface DiskUsageOptions {
  /** Starts a program; its lines come as it writes them. */
  run: (file: string, args: readonly string[]) => { lines: AsyncIterable<string>; end(): void };
  clock: Clock;
  logger: Logger;
}

/** A folder that takes longer is given up, so that the others get their turn. */
const folderDeadlineMs = 15_000;
/** Arguments of one process. */
const maxBatch = 100;
/** What nobody has asked about for so long is forgotten. */
const forgetAfterMs = 15 * 60_000;

interface Known {
  usage: FolderUsage | undefined;
  askedMs: number;
}

/**
 * Measures folders when somebody asks, one batch at a time, and keeps the figures: the one way to find out what volumes
 * take, for statistics and limits alike. Nothing runs while nobody asks. du(1) walks by descriptors, so that no container
 * can send it elsewhere, and answers folder by folder; one that exceeds its deadline keeps its last figure and rests for
 * a while. A folder that is not there has no figure.
 * Upstream twin: `volume.metricsDu` and the volume stat calculators.
 */
export class DiskUsage {
  readonly #options: DiskUsageOptions;
  readonly #backOff: KeyedBackOff;
  readonly #known = new Map<string, Known>();
  /** In the order of asking. */
  readonly #wanted = new Set<string>();
  #walking = new Set<string>();
  #batch: Promise<void> | undefined;

  constructor(options: DiskUsageOptions) {
    this.#options = options;
    this.#backOff = new KeyedBackOff({ clock: options.clock, initialMs: 60_000, maxMs: 600_000 });
  }

  /** What is known now. Folders whose figure is older than `maxAgeMs` are measured behind. */
  latest(folders: readonly string[], maxAgeMs: number): Map<string, FolderUsage> {
    this.#want(folders, maxAgeMs);
    if (this.#wanted.size > 0) void this.#nextBatch();
    return this.#figures(folders);
  }

  /** Figures no older than `maxAgeMs`, of those that could be measured; an older one of the others, if there is one. */
  async measure(folders: readonly string[], maxAgeMs: number): Promise<Map<string, FolderUsage>> {
    this.#want(folders, maxAgeMs);
    while (folders.some((folder) => this.#wanted.has(folder) || this.#walking.has(folder))) await this.#nextBatch();
    return this.#figures(folders);
  }

  #figures(folders: readonly string[]): Map<string, FolderUsage> {
    return new Map(folders.flatMap((folder) => {
      const usage = this.#known.get(folder)?.usage;
      return usage ? [[folder, usage] as const] : [];
    }));
  }

  #want(folders: readonly string[], maxAgeMs: number): void {
    const now = this.#options.clock.now();
    for (const folder of folders) {
      const usage = this.#known.get(folder)?.usage;
      this.#known.set(folder, { usage, askedMs: now });
      const stale = usage === undefined || Math.abs(now - usage.timestampMs) >= maxAgeMs;
      if (stale && !this.#walking.has(folder) && this.#backOff.blockedUntil(folder) === 0) this.#wanted.add(folder);
    }
  }

  #nextBatch(): Promise<void> {
    this.#batch ??= this.#measureBatch().finally(() => {
      this.#batch = undefined;
      if (this.#wanted.size > 0) void this.#nextBatch();
    });
    return this.#batch;
  }

  async #measureBatch(): Promise<void> {
    const folders = [...this.#wanted].slice(0, maxBatch);
    for (const folder of folders) this.#wanted.delete(folder);
    this.#walking = new Set(folders);
    const slow = new Set<string>();
    const [bytes, inodes] = await Promise.all(['--block-size=1', '--inodes'].map((unit) => this.#sizes(unit, folders, slow)));
    const timestampMs = this.#options.clock.now();
    for (const folder of slow) this.#rest(folder);
    for (const folder of folders) {
      const [usedBytes, inodesUsed] = [bytes?.get(folder), inodes?.get(folder)];
      if (usedBytes === undefined || inodesUsed === undefined) continue;
      if (!slow.has(folder)) this.#backOff.reset(folder);
      this.#known.set(folder, { askedMs: timestampMs, ...this.#known.get(folder), usage: { usedBytes, inodesUsed, timestampMs } });
    }
    this.#walking.clear();
    this.#forget(timestampMs);
  }

  #forget(nowMs: number): void {
    for (const [folder, { askedMs }] of this.#known) {
      if (nowMs - askedMs < forgetAfterMs) continue;
      this.#known.delete(folder);
      this.#backOff.reset(folder);
    }
  }

  #rest(folder: string): void {
    this.#backOff.next(folder);
    this.#options.logger.warn({ folder }, 'a folder takes too long to be measured');
  }

  /** Starts again behind a folder that has exceeded its deadline, which becomes one of the `slow`. */
  async #sizes(unit: string, folders: readonly string[], slow: Set<string>): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    for (let rest = folders; rest.length > 0; ) {
      const isComplete = await this.#read(unit, rest, sizes);
      if (isComplete) break;
      const late = rest.findIndex((folder) => !sizes.has(folder));
      if (late === -1) break;
      slow.add(rest[late] ?? '');
      rest = rest.slice(late + 1);
    }
    return sizes;
  }

  /** False when a folder has exceeded its deadline. */
  async #read(unit: string, folders: readonly string[], sizes: Map<string, number>): Promise<boolean> {
    const { run, clock, logger } = this.#options;
    const program = run('du', ['--summarize', '--one-file-system', unit, '--', ...folders]);
    const lines = program.lines[Symbol.asyncIterator]();
    try {
      for (;;) {
        const line = await within(lines.next(), clock, folderDeadlineMs);
        if (line === undefined) return false;
        if (line.done === true) return true;
        const [, size, folder] = /^(\d+)\t(.+)$/.exec(line.value) ?? [];
        if (folder !== undefined) sizes.set(folder, Number(size));
      }
    } catch (error) {
      // Also when a folder was not there, or a file went while it was looked at.
      logger.debug({ err: error }, 'a measurement is not complete');
      return true;
    } finally {
      program.end();
    }
  }
}

/** Undefined when it takes too long. */
async function within<T>(work: Promise<T>, clock: Clock, deadlineMs: number): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = clock.setTimeout(() => late.resolve(undefined), deadlineMs);
  work.catch(() => undefined);
  return Promise.race([work, late.promise]).finally(() => timer.cancel());
}
