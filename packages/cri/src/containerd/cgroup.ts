import { existsSync, readFileSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnifiedCgroup } from '@podling/shared/process';

const MOUNT = '/sys/fs/cgroup';

/** Whether the machine has cgroup v2 alone (unified) and whether swap is counted. */
export function cgroupFeatures(mount = MOUNT): { unified: boolean; swapAccounting: boolean } {
  const unified = isUnifiedCgroup(mount);
  return { unified, swapAccounting: unified || existsSync(join(mount, 'memory/memory.memsw.limit_in_bytes')) };
}

/** How often the kernel killed a process of the cgroup for want of memory; 0 when the cgroup is gone. At once: it soon will be. */
export function readOomKills(path: string, mount = MOUNT): number {
  const file = isUnifiedCgroup(mount) ? join(mount, path, 'memory.events') : join(mount, 'memory', path, 'memory.oom_control');
  try {
    return Number(fieldsOf(readFileSync(file, 'utf8')).get('oom_kill') ?? 0n);
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
}

/** Removes a cgroup without processes, in every hierarchy. One that is gone is success. */
export async function removeCgroup(path: string, mount = MOUNT): Promise<void> {
  const hierarchies = isUnifiedCgroup(mount) ? [''] : await readdir(mount);
  for (const hierarchy of hierarchies) {
    const folder = join(mount, hierarchy, path);
    if (existsSync(folder)) await gone(rmdir(folder));
  }
}

function fieldsOf(text: string): Map<string, bigint> {
  const lines = text.trim().split('\n');
  return new Map(lines.map((line) => line.split(' ')).map(([name = '', value = '0']) => [name, BigInt(value)]));
}

async function gone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** A cgroup that is removed while its file is open answers ENODEV. */
function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENODEV';
}
