import { constants, type Stats } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LogFolder } from '@podling/cri';

const chunkBytes = 64 * 1024;
const newline = 0x0a;

/** One file of a container's log, read forward in whole lines. It stays the same file when its path is renamed. */
export class LogFile {
  readonly path: string;
  readonly inode: number;
  /** Bytes it had when it was opened; its writer goes on. */
  readonly openedSize: number;
  readonly #handle: FileHandle;
  #position = 0;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(path: string, { ino, size }: Stats, handle: FileHandle) {
    this.path = path;
    this.inode = ino;
    this.openedSize = size;
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

  /** The complete lines up to `end`, or to where the file is found to end, without their newlines. */
  async *lines(end = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
    const chunk = Buffer.alloc(chunkBytes);
    for (;;) {
      const { bytesRead } = await this.#handle.read(chunk, 0, Math.min(chunkBytes, end - this.#position), this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      yield* this.#split(Buffer.concat([this.#rest, chunk.subarray(0, bytesRead)]));
    }
  }

  /** Goes to where the last `wanted` lines before `openedSize` begin; returns how many lie from there to that end. */
  async seekTail(wanted: number): Promise<number> {
    const size = this.openedSize;
    this.#position = size;
    const chunk = Buffer.alloc(chunkBytes);
    let newlines = 0;
    for (let end = size; wanted > 0 && end > 0; ) {
      const begin = Math.max(end - chunkBytes, 0);
      const { bytesRead } = await this.#handle.read(chunk, 0, end - begin, begin);
      for (let index = bytesRead - 1; index >= 0; index -= 1) {
        if (chunk[index] !== newline) continue;
        if (newlines === wanted) return this.#seek(begin + index + 1, wanted);
        newlines += 1;
      }
      end = begin;
    }
    return wanted === 0 ? 0 : this.#seek(0, newlines);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #seek(position: number, lines: number): number {
    this.#position = position;
    return lines;
  }

  *#split(data: Buffer): Generator<Buffer> {
    let start = 0;
    for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline, start)) {
      yield data.subarray(start, end);
      start = end + 1;
    }
    this.#rest = Buffer.from(data.subarray(start));
  }
}

/** The inode a path names now; undefined when there is none. */
export async function inodeOf(path: string): Promise<number | undefined> {
  return lstat(path).then(({ ino }) => ino, () => undefined);
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
