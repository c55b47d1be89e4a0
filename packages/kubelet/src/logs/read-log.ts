import type { Clock } from '@podling/shared/util';
import { LineFilter } from './line-filter.ts';
import { LogChanges } from './log-changes.ts';
import { inodeOf, type LogFile } from './log-file.ts';
import { closeAll, openLogFiles, openLogFilesAfter, seekTail } from './log-files.ts';
import type { LogOptions } from './log-options.ts';

export interface LogSource {
  /** The container's present log file; rotated ones lie beside it. */
  path: string;
  isRunning(): Promise<boolean>;
}

/** The writer of the log may lag behind the end of the container by so much. */
const flushMs = 900;

/**
 * The text of a container's log over all its files, up to where they ended when they were opened: a container that
 * writes faster than its reader reads would have no end. With `follow` it goes on from there, through rotations, and
 * ends when the container has ended and its last lines had time to arrive. Upstream twin: cri-client `ReadLogs`.
 */
export async function* readLog(source: LogSource, options: LogOptions, clock: Clock, signal: AbortSignal): AsyncGenerator<Buffer> {
  const filter = new LineFilter(options);
  const changes = options.follow ? new LogChanges(source.path, clock) : undefined;
  const reader = new LogReader(source.path);
  try {
    await reader.open(options.tailLines);
    yield* changes ? reader.read(filter) : reader.readOpened(filter);
    let endedMs = Number.POSITIVE_INFINITY;
    while (changes && !filter.done && !signal.aborted) {
      await changes.next(signal);
      let idle = true;
      for await (const data of reader.read(filter)) {
        idle = false;
        yield data;
      }
      if (clock.monotonic() - endedMs >= flushMs) return;
      if (idle && !(await source.isRunning())) endedMs = Math.min(endedMs, clock.monotonic());
    }
  } finally {
    changes?.close();
    await reader.close();
  }
}

/** Reads on and on, through rotations. Holds the files not yet read to their end; the last stays open. */
class LogReader {
  readonly #path: string;
  #files: LogFile[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  async open(tailLines: number | undefined): Promise<void> {
    this.#files = await openLogFiles(this.#path);
    if (tailLines !== undefined) this.#files = await seekTail(this.#files, tailLines);
  }

  /** What was there when the files were opened. */
  async *readOpened(filter: LineFilter): AsyncGenerator<Buffer> {
    yield* this.#drain(filter, ({ openedSize }) => openedSize);
  }

  /** What is there now, and what came while it was read. */
  async *read(filter: LineFilter): AsyncGenerator<Buffer> {
    yield* this.#drain(filter);
    const last = this.#files.at(-1);
    const present = await inodeOf(this.#path);
    if (filter.done || present === undefined || present === last?.inode) return;
    // Rotated: what was added before the rename comes first.
    yield* this.#drain(filter);
    this.#files.push(...(last ? await openLogFilesAfter(this.#path, last.inode) : await openLogFiles(this.#path)));
    yield* this.#drain(filter);
  }

  async close(): Promise<void> {
    await closeAll(this.#files);
  }

  async *#drain(filter: LineFilter, endOf?: (file: LogFile) => number): AsyncGenerator<Buffer> {
    for (let file = this.#files[0]; file !== undefined; file = this.#files[0]) {
      for await (const line of file.lines(endOf?.(file))) {
        const data = filter.apply(line);
        if (data !== undefined && data.length > 0) yield data;
        if (filter.done) return;
      }
      if (this.#files.length === 1) return;
      this.#files.shift();
      await file.close();
    }
  }
}
