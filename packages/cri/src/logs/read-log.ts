import type { LogChunk, LogPiece } from './log-chunk.ts';
import type { LogFile } from './log-file.ts';
import { closeAll, openLogFiles, openLogFilesAfter, seekTail, skipOld } from './log-files.ts';
import type { LogOptions } from './log-options.ts';
import type { LogSource, LogTail } from './log-tail.ts';
import type { LogTails } from './log-tails.ts';
import { LogText } from './log-text.ts';

/**
 * The text of a container's log over all its files, up to where they ended when they were opened: a container that
 * writes faster than its reader reads would have no end. `path` is the present file. Upstream twin: cri-client `ReadLogs`.
 */
export function readLog(path: string, options: LogOptions): AsyncGenerator<Buffer> {
  return readAs(path, options, wholeText);
}

/**
 * The same, and from there on what is written, through rotations, until the container has ended and its last lines had
 * time to arrive. A reader that is slow reads at its own pace, and nothing is kept for it; it misses what is rotated
 * away before it comes there.
 */
export function followLog(tails: LogTails, source: LogSource, options: LogOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
  return followAs(tails, source, options, signal, wholeText);
}

/** As {@link readLog}, apart by the stream that it was said on. */
export function readLogPieces(path: string, options: LogOptions): AsyncGenerator<LogPiece[]> {
  return readAs(path, options, pieces);
}

/** As {@link followLog}, apart by the stream that it was said on. */
export function followLogPieces(tails: LogTails, source: LogSource, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogPiece[]> {
  return followAs(tails, source, options, signal, pieces);
}

/** What a reader is given of a chunk; maybe nothing, which has no length. */
type Take<Given extends { length: number }> = (text: LogText, chunk: LogChunk) => Given;

const wholeText: Take<Buffer> = (text, chunk) => text.of(chunk);
const pieces: Take<LogPiece[]> = (text, chunk) => text.pieces(chunk);

async function* readAs<Given extends { length: number }>(path: string, options: LogOptions, take: Take<Given>): AsyncGenerator<Given> {
  const reader = new LogReader(path, options, take);
  try {
    await reader.open();
    yield* reader.readOpened();
  } finally {
    await reader.close();
  }
}

async function* followAs<Given extends { length: number }>(tails: LogTails, source: LogSource, options: LogOptions, signal: AbortSignal, take: Take<Given>): AsyncGenerator<Given> {
  const tail = tails.acquire(source);
  const reader = new LogReader(source.path, options, take);
  try {
    await reader.open();
    for (;;) {
      const { view } = tail;
      yield* reader.read(tail);
      if (reader.done || view.ended) return;
      await tail.after(view, signal);
    }
  } finally {
    await reader.close();
    await tails.release(tail);
  }
}

/** Reads on and on, through rotations. Holds the files not yet read to their end; the last stays open. */
class LogReader<Given extends { length: number }> {
  readonly #path: string;
  readonly #options: LogOptions;
  readonly #text: LogText;
  readonly #take: Take<Given>;
  #files: LogFile[] = [];

  constructor(path: string, options: LogOptions, take: Take<Given>) {
    this.#path = path;
    this.#options = options;
    this.#text = new LogText(options);
    this.#take = take;
  }

  get done(): boolean {
    return this.#text.done;
  }

  async open(): Promise<void> {
    const { tailLines, sinceMs } = this.#options;
    this.#files = await openLogFiles(this.#path);
    if (tailLines !== undefined) this.#files = await seekTail(this.#files, tailLines);
    if (sinceMs !== undefined) this.#files = await skipOld(this.#files, sinceMs);
  }

  /** What was there when the files were opened. */
  async *readOpened(): AsyncGenerator<Given> {
    yield* this.#drain((file) => file.nextOpened());
  }

  /** What was there at the tail's view at the latest. */
  async *read({ view, share }: LogTail): AsyncGenerator<Given> {
    const next = (file: LogFile): Promise<LogChunk | undefined> => file.next(share);
    yield* this.#drain(next);
    const last = this.#files.at(-1);
    if (this.done || view.inode === undefined || view.inode === last?.inode) return;
    this.#files.push(...(last ? await openLogFilesAfter(this.#path, last.inode) : await openLogFiles(this.#path)));
    yield* this.#drain(next);
  }

  async close(): Promise<void> {
    await closeAll(this.#files);
  }

  async *#drain(next: (file: LogFile) => Promise<LogChunk | undefined>): AsyncGenerator<Given> {
    for (let file = this.#files[0]; file !== undefined && !this.done; file = this.#files[0]) {
      const chunk = await next(file);
      const given = chunk && this.#take(this.#text, chunk);
      if (given && given.length > 0) yield given;
      if (chunk) continue;
      if (this.#files.length === 1) return;
      this.#files.shift();
      await file.close();
    }
  }
}
