import { Measurements, type Clock, type Logger } from '@podling/shared/util';
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
/** How long it rests then, at first and at most. */
const restMs = { initialMs: 60_000, maxMs: 600_000 };

/**
 * Measures folders when somebody asks: the one way to find out what volumes take, for statistics and limits alike.
 * Nothing runs while nobody asks. du(1) walks by descriptors, so that no container can send it elsewhere, and answers
 * folder by folder; one that exceeds its deadline keeps its last figure and rests for a while. A folder that is not
 * there has no figure. Upstream twin: `volume.metricsDu` and the volume stat calculators.
 */
export class DiskUsage {
  readonly #options: DiskUsageOptions;
  readonly #backOff: KeyedBackOff;
  readonly #figures: Measurements<FolderUsage>;

  constructor(options: DiskUsageOptions) {
    const { clock } = options;
    this.#options = options;
    this.#backOff = new KeyedBackOff({ clock, ...restMs });
    this.#figures = new Measurements({ clock, measure: (folders, tell) => this.#walk(folders, tell), isResting: (folder) => this.#backOff.blockedUntil(folder) > 0 });
  }

  /** What is known now. Folders whose figure is older than `maxAgeMs` are measured behind. */
  latest(folders: readonly string[], maxAgeMs: number): Map<string, FolderUsage> {
    return this.#figures.latest(folders, maxAgeMs);
  }

  /** Figures no older than `maxAgeMs`, of those that could be measured; an older one of the others, if there is one. */
  measure(folders: readonly string[], maxAgeMs: number): Promise<Map<string, FolderUsage>> {
    return this.#figures.measure(folders, maxAgeMs);
  }

  async #walk(folders: readonly string[], tell: (folder: string, usage: FolderUsage) => void): Promise<void> {
    const slow = new Set<string>();
    const [bytes, inodes] = [new Map<string, number>(), new Map<string, number>()];
    const found = (folder: string): void => {
      const [usedBytes, inodesUsed] = [bytes.get(folder), inodes.get(folder)];
      if (usedBytes !== undefined && inodesUsed !== undefined) tell(folder, { usedBytes, inodesUsed, timestampMs: this.#options.clock.now() });
    };
    await Promise.all([this.#fill(bytes, '--block-size=1', folders, slow, found), this.#fill(inodes, '--inodes', folders, slow, found)]);
    for (const folder of folders) {
      if (slow.has(folder)) this.#rest(folder);
      else this.#backOff.reset(folder);
    }
  }

  #rest(folder: string): void {
    this.#backOff.next(folder);
    this.#options.logger.warn({ folder }, 'a folder takes too long to be measured');
  }

  /** Starts again behind a folder that has exceeded its deadline, which becomes one of the `slow`. */
  async #fill(sizes: Map<string, number>, unit: string, folders: readonly string[], slow: Set<string>, found: (folder: string) => void): Promise<void> {
    for (let rest = folders; rest.length > 0; ) {
      const isComplete = await this.#read(unit, rest, (folder, size) => {
        sizes.set(folder, size);
        found(folder);
      });
      const late = rest.findIndex((folder) => !sizes.has(folder));
      if (isComplete || late === -1) break;
      slow.add(rest[late] ?? '');
      rest = rest.slice(late + 1);
    }
  }

  /** False when a folder has exceeded its deadline. */
  async #read(unit: string, folders: readonly string[], take: (folder: string, size: number) => void): Promise<boolean> {
    const { run, clock, logger } = this.#options;
    const program = run('du', ['--summarize', '--one-file-system', unit, '--', ...folders]);
    const lines = program.lines[Symbol.asyncIterator]();
    try {
      for (;;) {
        const line = await within(lines.next(), clock, folderDeadlineMs);
        if (line === undefined) return false;
        if (line.done === true) return true;
        const [, size, folder] = /^(\d+)\t(.+)$/.exec(line.value) ?? [];
        if (folder !== undefined) take(folder, Number(size));
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
