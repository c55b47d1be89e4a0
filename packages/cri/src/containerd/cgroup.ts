import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const MOUNT = '/sys/fs/cgroup';

export interface CgroupStats {
  cpuUsageNanoSeconds: bigint;
  memoryUsageBytes: number;
  memoryWorkingSetBytes: number;
  memoryRssBytes: number;
}

/** Whether the machine has cgroup v2 alone (unified) and whether swap is counted. */
export function cgroupFeatures(mount = MOUNT): { unified: boolean; swapAccounting: boolean } {
  const unified = existsSync(join(mount, 'cgroup.controllers'));
  return { unified, swapAccounting: unified || existsSync(join(mount, 'memory/memory.memsw.limit_in_bytes')) };
}

/** Reads a container's cgroup files. Undefined when the cgroup is gone. */
export async function readCgroupStats(path: string, mount = MOUNT): Promise<CgroupStats | undefined> {
  return gone(cgroupFeatures(mount).unified ? readUnified(join(mount, path)) : readLegacy(path, mount));
}

/** How often the kernel killed a process of the cgroup for want of memory; 0 when the cgroup is gone. At once: it soon will be. */
export function readOomKills(path: string, mount = MOUNT): number {
  const file = cgroupFeatures(mount).unified ? join(mount, path, 'memory.events') : join(mount, 'memory', path, 'memory.oom_control');
  try {
    return Number(fieldsOf(readFileSync(file, 'utf8')).get('oom_kill') ?? 0n);
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
}

/** Removes a cgroup without processes, in every hierarchy. One that is gone is success. */
export async function removeCgroup(path: string, mount = MOUNT): Promise<void> {
  const hierarchies = cgroupFeatures(mount).unified ? [''] : await readdir(mount);
  for (const hierarchy of hierarchies) {
    const folder = join(mount, hierarchy, path);
    if (existsSync(folder)) await gone(rmdir(folder));
  }
}

async function readLegacy(path: string, mount: string): Promise<CgroupStats> {
  const [cpu, usage, stat] = await Promise.all([
    readFile(join(mount, 'cpuacct', path, 'cpuacct.usage'), 'utf8'),
    readFile(join(mount, 'memory', path, 'memory.usage_in_bytes'), 'utf8'),
    readFields(join(mount, 'memory', path, 'memory.stat')),
  ]);
  return stats(BigInt(cpu.trim()), Number(usage), stat, 'total_inactive_file', 'total_rss');
}

async function readUnified(folder: string): Promise<CgroupStats> {
  const [cpu, usage, stat] = await Promise.all([
    readFields(join(folder, 'cpu.stat')),
    readFile(join(folder, 'memory.current'), 'utf8'),
    readFields(join(folder, 'memory.stat')),
  ]);
  return stats((cpu.get('usage_usec') ?? 0n) * 1000n, Number(usage), stat, 'inactive_file', 'anon');
}

function stats(cpu: bigint, usage: number, stat: Map<string, bigint>, inactiveFile: string, rss: string): CgroupStats {
  const inactive = Number(stat.get(inactiveFile) ?? 0n);
  return {
    cpuUsageNanoSeconds: cpu,
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: Math.max(0, usage - inactive),
    memoryRssBytes: Number(stat.get(rss) ?? 0n),
  };
}

async function readFields(file: string): Promise<Map<string, bigint>> {
  return fieldsOf(await readFile(file, 'utf8'));
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
