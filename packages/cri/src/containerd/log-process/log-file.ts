import { closeSync, constants, existsSync, fstatSync, openSync, readSync, renameSync, rmSync, writevSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LogFolder } from '../../log-folder.ts';
import { rotatedLogPath, type LogLimits } from '../../log-path.ts';

/** To read and append; a FIFO in its place must not be waited for. */
const OPEN_FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const newline = 0x0a;

export interface LogFileOptions {
  path: string;
  /** May change at any time. */
  limits: Readonly<LogLimits>;
}

/**
 * A container's log: appends whole lines, starts a new file at the first line end past `maxBytes` (`0.log` becomes
 * `0.log.1`, …), keeps `maxFiles`: however much comes at once, no more than that and a line a file is on the disk. Only a regular file that lies where it should is written to: a link is not followed. Writes are synchronous, so that what was taken out of a FIFO is in the page cache on return.
 */
export class LogFile {
  readonly #path: string;
  readonly #limits: Readonly<LogLimits>;
  #fd: number;
  #size = 0;
  /** A failed write may have left half a line. */
  #torn = false;

  constructor(options: LogFileOptions) {
    this.#path = options.path;
    this.#limits = options.limits;
    this.#fd = this.#open();
  }

  /** `pieces` end with a newline. Throws what the file system says, for instance ENOSPC. */
  append(pieces: readonly Buffer[]): void {
    let start = 0;
    while (start < pieces.length) {
      if (this.#size >= this.#limits.maxBytes) this.#rotate();
      if (this.#torn) this.#mend();
      const end = endOfFile(pieces, start, this.#limits.maxBytes - this.#size);
      this.#torn = true;
      for (const batch of batches(pieces, start, end)) this.#writeAll(batch);
      this.#torn = false;
      start = end;
    }
  }

  /** Opens `path` afresh, after somebody renamed the file. */
  reopen(): void {
    // The old one only when there is a new one: a closed number soon names somebody else's file.
    const previous = this.#fd;
    this.#fd = this.#open();
    closeSync(previous);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #open(): number {
    const fd = this.#inFolder((path) => openSync(path, OPEN_FLAGS, 0o640));
    const stats = fstatSync(fd);
    if (!stats.isFile()) {
      closeSync(fd);
      throw new Error(`${this.#path} is not a regular file`);
    }
    this.#size = stats.size;
    // A writer that was killed may have left half a line. Mended by the first write: a full disk is no reason not to read.
    this.#torn = true;
    return fd;
  }

  /** With the log's path through its folder, which stays the same meanwhile. */
  #inFolder<T>(act: (path: string) => T): T {
    const folder = LogFolder.of(this.#path, { make: true });
    try {
      return act(join(folder.path, basename(this.#path)));
    } finally {
      folder.close();
    }
  }

  /** Ends half a line, so that the next one stands by itself. */
  #mend(): void {
    this.#size = fstatSync(this.#fd).size;
    if (this.#size > 0 && !endsWithNewline(this.#fd, this.#size)) this.#size += writevSync(this.#fd, [Buffer.from('\n')]);
  }

  #rotate(): void {
    this.#inFolder((path) => {
      const { maxFiles } = this.#limits;
      // More than one where there may be fewer than before.
      for (let index = maxFiles - 1; index === maxFiles - 1 || existsSync(rotatedLogPath(path, index)); index += 1) rmSync(rotatedLogPath(path, index), { force: true });
      for (let index = maxFiles - 2; index >= 0; index -= 1) rename(rotatedLogPath(path, index), rotatedLogPath(path, index + 1));
    });
    this.reopen();
  }

  #writeAll(pieces: Buffer[]): void {
    let pending = pieces;
    while (pending.length > 0) {
      const written = writevSync(this.#fd, pending);
      this.#size += written;
      pending = after(pending, written);
    }
  }
}

/** The number of the piece after the one whose line fills the file, or after the last. */
function endOfFile(pieces: readonly Buffer[], start: number, roomBytes: number): number {
  let bytes = 0;
  for (let index = start; index < pieces.length; index += 1) {
    const piece = pieces[index] as Buffer;
    bytes += piece.length;
    if (bytes >= roomBytes && piece.at(-1) === newline) return index + 1;
  }
  return pieces.length;
}

/** writev takes no more than IOV_MAX pieces. */
function* batches(pieces: readonly Buffer[], start: number, end: number): Generator<Buffer[]> {
  for (let index = start; index < end; index += 1000) yield pieces.slice(index, Math.min(index + 1000, end));
}

function after(pieces: Buffer[], written: number): Buffer[] {
  let left = written;
  for (const [index, piece] of pieces.entries()) {
    if (left < piece.length) return [piece.subarray(left), ...pieces.slice(index + 1)];
    left -= piece.length;
  }
  return [];
}

function endsWithNewline(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last.toString() === '\n';
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
