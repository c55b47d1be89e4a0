import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { createPodCgroups, type PodCgroups } from './pod-cgroups.ts';

const path = '/kubepods/poda';
const files = {
  v1: { shares: `cpu${path}/cpu.shares`, quota: `cpu${path}/cpu.cfs_quota_us`, memory: `memory${path}/memory.limit_in_bytes` },
  v2: { shares: `kubepods/poda/cpu.weight`, quota: `kubepods/poda/cpu.max`, memory: `kubepods/poda/memory.max` },
};

/** The files are there before, as the kernel makes them with the folder. */
async function scene(version: 'v1' | 'v2', before: Partial<Record<'shares' | 'quota' | 'memory', string>> = {}): Promise<{ root: string; cgroups: PodCgroups; read: () => Promise<string[]> }> {
  const root = await tempDir();
  if (version === 'v2') await writeFile(join(root, 'cgroup.controllers'), 'cpu memory');
  const names = files[version];
  for (const [name, file] of Object.entries(names)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), before[name as keyof typeof names] ?? '');
  }
  const read = (): Promise<string[]> => Promise.all(Object.values(names).map((file) => readFile(join(root, file), 'utf8')));
  return { root, cgroups: createPodCgroups(root), read };
}

describe('PodCgroups', () => {
  it('has the figures of either version of cgroups', async () => {
    const resources = { cpuShares: 512, cpuQuota: 50_000, memoryLimitBytes: 1024 };
    for (const [version, limited, unlimited] of [['v1', ['512', '50000', '1024'], ['2', '-1', '-1']], ['v2', ['20', '50000 100000', '1024'], ['1', 'max 100000', 'max']]] as const) {
      const { cgroups, read } = await scene(version);
      await cgroups.ensure(path, resources);
      expect(await read()).toEqual(limited);
      const other = await scene(version);
      await other.cgroups.ensure(path, { cpuShares: 2 });
      expect(await other.read()).toEqual(unlimited);
    }
  });

  it('widens and never narrows', async () => {
    const v1 = await scene('v1', { shares: '512', quota: '-1', memory: '4096' });
    await v1.cgroups.widen(path, { cpuShares: 1024, cpuQuota: 50_000, memoryLimitBytes: 1024 });
    expect(await v1.read()).toEqual(['1024', '-1', '4096']);
    const v2 = await scene('v2', { shares: '100', quota: '5 100000', memory: '4096' });
    await v2.cgroups.widen(path, { cpuShares: 2, memoryLimitBytes: 8192 });
    expect(await v2.read()).toEqual(['100', 'max 100000', '8192']);
  });

  it('leaves other controllers alone that are not there, and removes what it made', async () => {
    const root = await tempDir();
    const cgroups = createPodCgroups(root);
    await cgroups.ensure(path, { cpuShares: 2 });
    await cgroups.widen(path, { cpuShares: 2 });
    await cgroups.remove(path);
    await cgroups.remove(path);
    expect(await readdir(join(root, 'cpu/kubepods'))).toEqual([]);
  });
});
