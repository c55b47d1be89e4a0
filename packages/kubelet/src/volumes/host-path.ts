import { lstat, mkdir, open, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import type { HostPathVolumeSource } from '@podling/shared/api';

/** The path is not what the volume asks for. */
export class HostPathTypeError extends Error {
  override readonly name = 'HostPathTypeError';
}

type HostPathType = NonNullable<HostPathVolumeSource['type']>;

const checks: Record<Exclude<HostPathType, ''>, { is: (stats: Stats) => boolean; noun: string }> = {
  DirectoryOrCreate: { is: (stats) => stats.isDirectory(), noun: 'a directory' },
  Directory: { is: (stats) => stats.isDirectory(), noun: 'a directory' },
  FileOrCreate: { is: (stats) => stats.isFile(), noun: 'a file' },
  File: { is: (stats) => stats.isFile(), noun: 'a file' },
  Socket: { is: (stats) => stats.isSocket(), noun: 'a socket file' },
  CharDevice: { is: (stats) => stats.isCharacterDevice(), noun: 'a character device' },
  BlockDevice: { is: (stats) => stats.isBlockDevice(), noun: 'a block device' },
};

/**
 * Checks the path against its type and makes what the type allows to make: a folder with those above it, a file only in
 * a folder that is there. Returns the path to bind.
 */
export async function setUpHostPath({ path, type = '' }: HostPathVolumeSource): Promise<string> {
  if (path.split('/').includes('..')) throw new HostPathTypeError(`invalid HostPath \`${path}\`: must not contain '..'`);
  if (type === '' || type === 'DirectoryOrCreate') await makeMissingDirectory(path);
  if (type === 'FileOrCreate') await makeMissingFile(path);
  if (type === '') return path;
  const { is, noun } = checks[type];
  const stats = await statOrUndefined(path);
  if (stats === undefined || !is(stats)) throw new HostPathTypeError(`hostPath type check failed: ${path} is not ${noun}`);
  return path;
}

async function makeMissingDirectory(path: string): Promise<void> {
  if (!(await exists(path))) await mkdir(path, { recursive: true, mode: 0o755 });
}

async function makeMissingFile(path: string): Promise<void> {
  if (await exists(path)) return;
  await (await open(path, 'a', 0o644)).close();
}

/** A dangling link exists: nothing is made in its place. */
async function exists(path: string): Promise<boolean> {
  return lstat(path).then(() => true, (error: NodeJS.ErrnoException) => unless(error, 'ENOENT'));
}

async function statOrUndefined(path: string): Promise<Stats | undefined> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

function unless(error: NodeJS.ErrnoException, code: string): false {
  if (error.code === code) return false;
  throw error;
}
