import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Io } from '../../io.ts';

/** Where a dump goes: one file after the other, each in one go. */
export interface DumpTarget {
  /** `file` is relative and harmless. */
  write(file: string, chunk: string | Uint8Array): Promise<void>;
  close(): Promise<void>;
  /** Undefined: standard output. */
  readonly folder: string | undefined;
}

/** `-` or '': standard output, one after the other. */
export function createDumpTarget(io: Io, folder: string): DumpTarget {
  return folder === '-' || folder === '' ? new OutputTarget(io) : new FolderTarget(folder);
}

class OutputTarget implements DumpTarget {
  readonly folder = undefined;
  readonly #io: Io;

  constructor(io: Io) {
    this.#io = io;
  }

  async write(_file: string, chunk: string | Uint8Array): Promise<void> {
    const isScreen = this.#io.terminal !== undefined;
    this.#io.out(isScreen && typeof chunk !== 'string' ? Buffer.from(chunk).toString() : chunk);
    await this.#io.flush();
  }

  async close(): Promise<void> {}
}

class FolderTarget implements DumpTarget {
  readonly folder: string;
  #present: { file: string; handle: FileHandle } | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  async write(file: string, chunk: string | Uint8Array): Promise<void> {
    if (this.#present?.file !== file) await this.#open(file);
    await this.#present?.handle.appendFile(chunk);
  }

  async close(): Promise<void> {
    await this.#present?.handle.close();
    this.#present = undefined;
  }

  async #open(file: string): Promise<void> {
    await this.close();
    const path = join(this.folder, file);
    await mkdir(dirname(path), { recursive: true });
    this.#present = { file, handle: await open(path, 'w') };
  }
}
