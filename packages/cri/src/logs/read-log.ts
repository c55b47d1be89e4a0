import type { LogChunk } from './log-chunk.ts';
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
export async function* readLog(path: string, options: LogOptions): AsyncGenerator<Buffer> {
  const reader = new LogReader(path, options);
  try {
    await reader.open();
    yield* reader.readOpened();
  } finally {
    await reader.close();
  }
}

/**
 * The same, and from there on what is written, through rotations, until the container has ended and its last lines had
 * time to arrive. A reader that is slow reads at its own pace, and nothing is kept for it; it misses what is rotated
 * away before it comes there.
 */
export async function* followLog(tails: LogTails, source: LogSource, options: LogOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
  const tail = tails.acquire(source);
  const reader = new LogReader(source.path, options);
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
class LogReader {
  readonly #path: string;
  readonly #options: LogOptions;
  readonly #text: LogText;
  #files: LogFile[] = [];

  constructor(path: string, options: LogOptions) {
    this.#path = path;
    this.#options = options;
    this.#text = new LogText(options);
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
  async *readOpened(): AsyncGenerator<Buffer> {
    yield* this.#drain((file) => file.nextOpened());
  }

  /** What was there at the tail's view at the latest. */
  async *read({ view, share }: LogTail): AsyncGenerator<Buffer> {
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

  async *#drain(next: (file: LogFile) => Promise<LogChunk | undefined>): AsyncGenerator<Buffer> {
    for (let file = this.#files[0]; file !== undefined && !this.done; file = this.#files[0]) {
      const chunk = await next(file);
      const text = chunk && this.#text.of(chunk);
      if (text && text.length > 0) yield text;
      if (chunk) continue;
      if (this.#files.length === 1) return;
      this.#files.shift();
      await file.close();
    }
  }
}
