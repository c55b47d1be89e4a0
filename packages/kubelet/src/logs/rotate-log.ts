import { createReadStream, createWriteStream, constants } from 'node:fs';
import { lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { LogFolder } from '@podling/cri';

const compressed = '.gz';
const temporary = '.tmp';

export interface Rotation {
  logPath: string;
  maxFiles: number;
  nowMs: number;
  /** Makes the runtime write into a new file. */
  reopen: () => Promise<void>;
}

/**
 * Puts the log file aside under the present time, so that the runtime begins another; those that were put aside before
 * are compressed, the oldest removed, so that all together are `maxFiles`. The file that was just put aside stays as it
 * is for who still reads it. Upstream twin: `containerLogManager.rotateLog`.
 */
export async function rotateLog({ logPath, maxFiles, nowMs, reopen }: Rotation): Promise<void> {
  const folder = LogFolder.of(logPath);
  try {
    const log = basename(logPath);
    const older = await tidied(folder, log);
    // The one being written and the one put aside now are two of them.
    const excess = Math.max(older.length - (maxFiles - 2), 0);
    for (const name of older.slice(0, excess)) await rm(join(folder.path, name), { force: true });
    for (const name of older.slice(excess)) if (!name.endsWith(compressed)) await compress(folder, name);
    await putAside(folder, log, `${log}.${timestamp(nowMs)}`, reopen);
  } finally {
    folder.close();
  }
}

/** Rotated logs, oldest first; what a rotation that was broken off has left is removed. */
async function tidied(folder: LogFolder, log: string): Promise<string[]> {
  const names = (await readdir(folder.path)).filter((name) => name.startsWith(`${log}.`)).sort();
  const unused = names.filter((name) => name.endsWith(temporary) || names.includes(`${name}${compressed}`));
  for (const name of unused) await rm(join(folder.path, name), { force: true });
  return names.filter((name) => !unused.includes(name));
}

async function compress(folder: LogFolder, name: string): Promise<void> {
  const path = join(folder.path, name);
  const source = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const { mode } = await source.stat().catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  const target = `${path}${temporary}`;
  try {
    await pipeline(createReadStream('', { fd: source }), createGzip(), createWriteStream(target, { flags: 'wx', mode }));
    await rename(target, `${path}${compressed}`);
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
  await rm(path, { force: true });
}

async function putAside(folder: LogFolder, log: string, rotated: string, reopen: () => Promise<void>): Promise<void> {
  const [from, to] = [join(folder.path, log), join(folder.path, rotated)];
  await rename(from, to);
  try {
    await reopen();
  } catch (error) {
    // The runtime writes on into the file: under its old name it is tried again. A new file there is its answer, though.
    if (await lstat(from).then(() => false, () => true)) await rename(to, from);
    throw error;
  }
}

/** `20060102-150405`, as Kubernetes names them, in UTC. */
function timestamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
