import { randomUUID } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from './exec.ts';

const MAX_SPARES = 4;
const MAX_RETURNED = 64;

/**
 * The FIFOs that stand for a process' streams. Node cannot make one and a spawn holds up everything else, so a set can be made
 * ahead, while there is time, and given back to be used again. Spares do not outlive the process.
 */
export class Fifos {
  readonly #folder: string;
  readonly #spares: Promise<string>[] = [];

  /** Spares lie in `folder`, on the file system of the containers' folders. */
  constructor(folder: string) {
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o711 });
  }

  /** A container will soon be made. */
  prepare(): void {
    if (this.#spares.length >= MAX_SPARES) return;
    const spare = this.#spare();
    spare.catch(() => undefined);
    this.#spares.push(spare);
  }

  /** `stdout` and `stderr` in the container's folder, `stdin` if asked for; with a terminal there is no `stderr`. */
  async make(folder: string, tty: boolean, stdin = false): Promise<void> {
    const spare = await this.#take();
    const [from, to] = [fifoPaths(spare), fifoPaths(folder)];
    renameSync(from.stdout, to.stdout);
    if (!tty) renameSync(from.stderr, to.stderr);
    if (stdin) renameSync(from.stdin, to.stdin);
    rmSync(spare, { recursive: true });
  }

  /** Makes the folder, with all three. */
  async lend(folder: string): Promise<void> {
    renameSync(await this.#take(), folder);
  }

  /** A lent folder whose FIFOs are empty and no longer open for writing. */
  giveBack(folder: string): void {
    if (this.#spares.length >= MAX_RETURNED) return rmSync(folder, { recursive: true, force: true });
    const spare = join(this.#folder, randomUUID());
    renameSync(folder, spare);
    this.#spares.push(Promise.resolve(spare));
  }

  async #take(): Promise<string> {
    return (await this.#spares.shift()?.catch(() => undefined)) ?? this.#spare();
  }

  async #spare(): Promise<string> {
    const folder = join(this.#folder, randomUUID());
    mkdirSync(folder);
    await exec('mkfifo', ['-m', '600', ...Object.values(fifoPaths(folder))]);
    return folder;
  }
}

export function fifoPaths(folder: string): { stdin: string; stdout: string; stderr: string } {
  return { stdin: join(folder, 'stdin'), stdout: join(folder, 'stdout'), stderr: join(folder, 'stderr') };
}

/** Holds FIFOs open, so that they keep what lies in them while nobody else does. Those that are gone are left out. */
export function holdFifos(paths: readonly string[]): () => void {
  const fds = paths.flatMap(openToHold);
  return () => {
    for (const fd of fds) closeSync(fd);
  };
}

function openToHold(path: string): number[] {
  try {
    return [openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)];
  } catch {
    return [];
  }
}
