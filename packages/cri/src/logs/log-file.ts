import { constants, type Stats } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LogFolder } from '../log-folder.ts';
import { longestHeaderBytes, parseCriLine } from './cri-line.ts';
import { LogChunk } from './log-chunk.ts';
import type { ShareReads } from './log-tail.ts';

const chunkBytes = 64 * 1024;
/** Runtimes write pieces of 16 KiB unless they are told otherwise. What is longer than this is passed on in pieces. */
const longestLineBytes = 1024 * 1024;
const newline = 0x0a;

/** One file of a container's log, read forward in whole lines. It stays the same file when its path is renamed. */
export class LogFile {
  readonly path: string;
  readonly inode: number;
  /** Bytes it had when it was opened; its writer goes on. */
  readonly openedSize: number;
  /** When it was written last, before it was opened. */
  readonly modifiedMs: number;
  readonly #handle: FileHandle;
  #position = 0;

  private constructor(path: string, { ino, size, mtimeMs }: Stats, handle: FileHandle) {
    this.path = path;
    this.inode = ino;
    this.openedSize = size;
    this.modifiedMs = mtimeMs;
    this.#handle = handle;
  }

  /** Undefined when it is not there. Links are not followed, in place of its folders neither, and only a regular file is a log. */
  static async open(path: string): Promise<LogFile | undefined> {
    const handle = await openOrUndefined(path);
    if (handle === undefined) return undefined;
    const stats = await handle.stat();
    if (stats.isFile()) return new LogFile(path, stats, handle);
    await handle.close();
    throw new Error(`${path} is not a regular file`);
  }

  /** The next whole lines of those up to where the file ended when it was opened; undefined when there are no more. */
  async nextOpened(): Promise<LogChunk | undefined> {
    return this.#advance(await this.#chunkAt(this.#position, this.openedSize));
  }

  /** The next whole lines; undefined where none is written yet. */
  async next(share: ShareReads): Promise<LogChunk | undefined> {
    const position = this.#position;
    return this.#advance(await share(`${this.inode} ${position}`, () => this.#chunkAt(position, Number.POSITIVE_INFINITY)));
  }

  /**
   * Goes back to the end of the `wanted`th whole line before `openedSize`, or to the file's beginning, and returns how
   * many it has passed. Pieces are one line with the whole one they precede; those at the log's end are one as well.
   */
  async seekBack(wanted: number, isLogEnd: boolean): Promise<number> {
    let passed = 0;
    let isLast = isLogEnd;
    for await (const { end, isWhole } of this.#linesBack()) {
      if (isWhole || isLast) passed += 1;
      isLast = false;
      if (passed === wanted) return this.#seek(end, passed);
    }
    return this.#seek(0, passed);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** The lines before `openedSize`, last first. */
  async *#linesBack(): AsyncGenerator<{ end: number; isWhole: boolean }> {
    // A line's header may lie behind the end of the chunk it begins in.
    const buffer = Buffer.allocUnsafe(chunkBytes + longestHeaderBytes);
    let lineEnd: number | undefined;
    for (let end = this.openedSize; end > 0; end -= chunkBytes) {
      const begin = Math.max(end - chunkBytes, 0);
      const { bytesRead } = await this.#handle.read(buffer, 0, Math.min(end + longestHeaderBytes, this.openedSize) - begin, begin);
      const data = buffer.subarray(0, bytesRead);
      for (const start of startsBack(data, Math.min(end - begin, bytesRead), begin === 0)) {
        if (lineEnd !== undefined) yield { end: lineEnd, isWhole: isWhole(data.subarray(start)) };
        lineEnd = begin + start;
      }
    }
  }

  #seek(position: number, lines: number): number {
    this.#position = position;
    return lines;
  }

  #advance(chunk: LogChunk | undefined): LogChunk | undefined {
    this.#position += chunk?.bytes ?? 0;
    return chunk;
  }

  async #chunkAt(position: number, end: number): Promise<LogChunk | undefined> {
    for (let size = chunkBytes; ; size *= 2) {
      const wanted = Math.min(size, end - position);
      if (wanted <= 0) return undefined;
      const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
      const data = buffer.subarray(0, bytesRead);
      const last = data.lastIndexOf(newline);
      // What is kept for a while must not keep a mostly empty buffer.
      if (last >= 0) return new LogChunk(bytesRead * 2 < wanted ? Buffer.from(data.subarray(0, last + 1)) : data.subarray(0, last + 1));
      if (bytesRead < size) return undefined;
      if (size >= longestLineBytes) return new LogChunk(data);
    }
  }
}

/** Where the lines begin that have their beginning in the first `length` bytes, last first. */
function* startsBack(data: Buffer, length: number, isFileStart: boolean): Generator<number> {
  for (let at = data.lastIndexOf(newline, length - 1); at >= 0; at = at === 0 ? -1 : data.lastIndexOf(newline, at - 1)) yield at + 1;
  if (isFileStart) yield 0;
}

/** Of the line that begins here: it is no piece, or the last one. */
function isWhole(data: Buffer): boolean {
  const end = data.indexOf(newline);
  return !parseCriLine(data.subarray(0, Math.min(end < 0 ? data.length : end, longestHeaderBytes))).partial;
}

/** What a path names now; no inode when there is nothing. */
export async function presentFile(path: string): Promise<{ inode: number | undefined; size: number }> {
  return lstat(path).then(({ ino, size }) => ({ inode: ino, size }), () => ({ inode: undefined, size: 0 }));
}

async function openOrUndefined(path: string): Promise<FileHandle | undefined> {
  let folder: LogFolder | undefined;
  try {
    folder = LogFolder.of(path);
    return await open(join(folder.path, basename(path)), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    folder?.close();
  }
}
