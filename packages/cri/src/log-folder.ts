import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { opendir, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * The folder of a container's log, held open. Logs lie in `ROOT/POD/CONTAINER/`, and a pod that has ROOT as a hostPath
 * can put links in place of what lies below: those are never followed. What is done through `path` is done in this very
 * folder, whatever its name leads to meanwhile.
 */
export class LogFolder {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Of a log's path. Throws as the file system does: ENOENT, ENOTDIR for a link. With `make`, missing folders are made. */
  static of(logPath: string, { make = false } = {}): LogFolder {
    const container = dirname(logPath);
    const pod = dirname(container);
    if (make) mkdirSync(dirname(pod), { recursive: true });
    const root = openSync(dirname(pod), constants.O_RDONLY | constants.O_DIRECTORY);
    const inRoot = below(root, basename(pod), make);
    return new LogFolder(below(inRoot, basename(container), make));
  }

  /** Leads here while it is open. */
  get path(): string {
    return pathOf(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Removes a pod's folder of logs, with all that is in it. Links go, what they lead to stays. Nothing there is success. */
export async function removePodLogs(podFolder: string): Promise<void> {
  const root = open(dirname(podFolder), constants.O_RDONLY | constants.O_DIRECTORY);
  if (root === undefined) return;
  try {
    await remove(root, Buffer.from(basename(podFolder)));
  } finally {
    closeSync(root);
  }
}

async function remove(parent: number, name: Buffer): Promise<void> {
  const path = Buffer.concat([Buffer.from(`${pathOf(parent)}/`), name]);
  const code = await unlink(path).then(() => undefined, (error: NodeJS.ErrnoException) => error.code);
  if (code === undefined || code === 'ENOENT') return;
  const folder = open(path, FOLDER);
  if (folder === undefined) return;
  try {
    // A name need not be UTF-8.
    const entries = await opendir(pathOf(folder), { encoding: 'buffer' as BufferEncoding });
    for await (const entry of entries) await remove(folder, entry.name as unknown as Buffer);
  } finally {
    closeSync(folder);
  }
  await rmdir(path);
}

/** Closes the parent. */
function below(parent: number, name: string, make: boolean): number {
  const path = join(pathOf(parent), name);
  try {
    if (make) makeFolder(path);
    return openSync(path, FOLDER);
  } finally {
    closeSync(parent);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function open(path: string | Buffer, flags: number): number | undefined {
  try {
    return openSync(path, flags);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function pathOf(fd: number): string {
  return `/proc/self/fd/${fd}`;
}
