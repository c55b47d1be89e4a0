import { randomUUID } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@podling/shared/util';
import { exec } from './exec.ts';

/** Fewer spares than that are too few. */
const FEW = 8;
const BATCH = 16;
const MAX_RETURNED = 64;
const SOON_MS = 1_000;

/**
 * The FIFOs that stand for a process' streams. Node cannot make one and a spawn holds up everything else, so a set can be made
 * ahead, while there is time, and given back to be used again. Spares do not outlive the process.
 */
export class Fifos {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #spares: { folder: string; made: Promise<unknown> }[] = [];
  readonly #closing = new AbortController();
  #isDue = false;

  /** Spares lie in `folder`, on the file system of the containers' folders. */
  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o711 });
  }

  /** Sees to it that there are some, once whoever has just taken one is done: many at once cost hardly more than one. */
  async prepareSoon(): Promise<void> {
    if (this.#isDue) return;
    this.#isDue = true;
    await this.#clock.sleep(SOON_MS, this.#closing.signal).catch(() => undefined);
    this.#isDue = false;
    this.prepare();
  }

  prepare(): void {
    if (this.#spares.length >= FEW || this.#closing.signal.aborted) return;
    const folders = Array.from({ length: BATCH }, () => join(this.#folder, randomUUID()));
    const made = makeFifos(folders);
    made.catch(() => undefined);
    this.#spares.push(...folders.map((folder) => ({ folder, made })));
  }

  /** None are made ahead any more, nor still in the making. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#spares.map(({ made }) => made));
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

  /**
   * A lent folder whose FIFOs are empty and no longer open for writing. Its stdin was not used: who reads one may go on with
   * that, or only begin with it, when its process has long ended, and takes what the next one is told.
   */
  giveBack(folder: string): void {
    if (this.#spares.length >= MAX_RETURNED) return rmSync(folder, { recursive: true, force: true });
    const spare = join(this.#folder, randomUUID());
    renameSync(folder, spare);
    this.#spares.push({ folder: spare, made: Promise.resolve() });
  }

  /** A lent folder in any state. */
  throwAway(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
    void this.prepareSoon();
  }

  async #take(): Promise<string> {
    const spare = this.#spares.shift();
    if (spare !== undefined && (await isDone(spare.made))) return spare.folder;
    const folder = join(this.#folder, randomUUID());
    await makeFifos([folder]);
    return folder;
  }
}

async function makeFifos(folders: readonly string[]): Promise<void> {
  for (const folder of folders) mkdirSync(folder);
  await exec('mkfifo', ['-m', '600', ...folders.flatMap((folder) => Object.values(fifoPaths(folder)))]);
}

function isDone(work: Promise<unknown>): Promise<boolean> {
  return work.then(() => true, () => false);
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
