import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { FsStats } from './summary.ts';

/** Bytes and inodes of one thing on disk. */
export interface Usage {
  usedBytes: number;
  inodesUsed: number;
}

/** A file system as it is now, all of its use included. */
export interface FsSpace extends Usage {
  timestampMs: number;
  availableBytes: number;
  capacityBytes: number;
  inodesFree: number;
  inodes: number;
}

/** How moments are written. */
export type Stamp = (timestampMs: number) => string;

/** Of the file system that holds `path`; undefined when there is no such path. */
export async function readFsSpace(path: string, nowMs: number): Promise<FsSpace | undefined> {
  const found = await statfs(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const { bsize, blocks, bfree, bavail, files, ffree } = found;
  return {
    timestampMs: nowMs,
    availableBytes: bavail * bsize, capacityBytes: blocks * bsize, usedBytes: (blocks - bfree) * bsize,
    inodesFree: ffree, inodes: files, inodesUsed: files - ffree,
  };
}

/** The file system, and how much of it one thing takes; without that, no word of it. */
export function fsStats(space: FsSpace, stamp: Stamp, used: (Usage & { timestampMs?: number }) | undefined): FsStats {
  const { timestampMs, availableBytes, capacityBytes, inodesFree, inodes } = space;
  const usage = used && { usedBytes: used.usedBytes, inodesUsed: used.inodesUsed };
  return { time: stamp(used?.timestampMs ?? timestampMs), availableBytes, capacityBytes, ...usage, inodesFree, inodes };
}

export const nothing: Usage = { usedBytes: 0, inodesUsed: 0 };

export function addUsage(first: Usage, second: Partial<Usage> = {}): Usage {
  return { usedBytes: first.usedBytes + (second.usedBytes ?? 0), inodesUsed: first.inodesUsed + (second.inodesUsed ?? 0) };
}

/** Of the files right in a folder, without those below it; a folder that is not there has none. */
export async function filesUsage(folder: string): Promise<Usage> {
  const names = await readdir(folder).catch(() => []);
  const usages = await Promise.all(names.map((name) => fileUsage(join(folder, name))));
  return usages.reduce(addUsage, nothing);
}

/** No link is followed. */
export async function fileUsage(path: string): Promise<Usage> {
  const found = await lstat(path).catch(() => undefined);
  return found === undefined || found.isDirectory() ? nothing : { usedBytes: found.blocks * 512, inodesUsed: 1 };
}
