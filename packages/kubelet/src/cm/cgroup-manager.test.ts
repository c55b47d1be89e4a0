import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FakeClock } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { CgroupManager } from './cgroup-manager.ts';
import { cpuWeightOf } from './cgroup-v2.ts';
import type { ResourceConfig } from './resource-config.ts';

const path = '/kubepods/poda';
const files = {
  v1: {
    shares: `cpu${path}/cpu.shares`, period: `cpu${path}/cpu.cfs_period_us`, quota: `cpu${path}/cpu.cfs_quota_us`, memory: `memory${path}/memory.limit_in_bytes`,
    pids: `pids${path}/pids.max`, pages: `hugetlb${path}/hugetlb.2MB.limit_in_bytes`,
  },
  v2: { shares: `kubepods/poda/cpu.weight`, quota: `kubepods/poda/cpu.max`, memory: `kubepods/poda/memory.max`, pids: 'kubepods/poda/pids.max', pages: 'kubepods/poda/hugetlb.2MB.max' },
};

/** The files are there before, as the kernel makes them with the folder. */
async function scene(version: 'v1' | 'v2', before: Partial<Record<string, string>> = {}) {
  const root = await tempDir();
  if (version === 'v2') {
    await mkdir(join(root, path), { recursive: true });
    await writeFile(join(root, 'cgroup.controllers'), 'cpuset cpu io memory pids hugetlb rdma\n');
    for (const folder of ['', 'kubepods']) await writeFile(join(root, folder, 'cgroup.subtree_control'), folder === '' ? 'cpu memory\n' : '');
  }
  const names: Record<string, string> = files[version];
  for (const [name, file] of Object.entries(names)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), before[name] ?? '');
  }
  const read = async (): Promise<Record<string, string>> => {
    const read = Object.entries(names).map(async ([name, file]) => [name, await readFile(join(root, file), 'utf8')] as const);
    return Object.fromEntries((await Promise.all(read)).filter(([, text]) => text !== ''));
  };
  return { root, cgroups: new CgroupManager(new FakeClock(), root), read };
}

const limited: ResourceConfig = { cpuShares: 512, cpuPeriod: 100_000, cpuQuota: 50_000, memoryLimitBytes: 1024, pidsLimit: 64, hugePageLimits: { '2MB': 4096 } };
const lifted: ResourceConfig = { cpuShares: 2, cpuQuota: -1, memoryLimitBytes: -1 };

describe('CgroupManager', () => {
  it.each([
    ['v1', { shares: '512', period: '100000', quota: '50000', memory: '1024', pids: '64', pages: '4096' }, { shares: '2', quota: '-1', memory: '-1' }],
    ['v2', { shares: '20', quota: '50000 100000', memory: '1024', pids: '64', pages: '4096' }, { shares: '1', quota: 'max 100000', memory: 'max' }],
  ] as const)('writes the files of cgroup %s', async (version, some, none) => {
    const { cgroups, read } = await scene(version);
    await cgroups.set(path, limited);
    expect(await read()).toEqual(some);
    const other = await scene(version);
    await other.cgroups.set(path, lifted);
    expect(await other.read()).toEqual(none);
  });

  it('widens and never narrows', async () => {
    const v1 = await scene('v1', { shares: '512', quota: '-1', memory: '4096' });
    await v1.cgroups.widen(path, { cpuShares: 1024, cpuQuota: 50_000, memoryLimitBytes: 1024 });
    expect(await v1.read()).toEqual({ shares: '1024', quota: '-1', memory: '4096' });
    const v2 = await scene('v2', { shares: '100', quota: '5 100000', memory: '4096' });
    await v2.cgroups.widen(path, { cpuShares: 2, cpuQuota: -1, memoryLimitBytes: 8192 });
    expect(await v2.read()).toEqual({ shares: '100', quota: 'max 100000', memory: '8192' });
  });

  it('has the controllers handed down to the pod, those that are not handed down yet and that the kernel has', async () => {
    const { root, cgroups } = await scene('v2');
    await cgroups.set(path, limited);
    expect(await readFile(join(root, 'cgroup.subtree_control'), 'utf8')).toBe('+cpuset +hugetlb +pids');
    expect(await readFile(join(root, 'kubepods/cgroup.subtree_control'), 'utf8')).toBe('+cpu +cpuset +memory +hugetlb +pids');
  });

  it('leaves controllers alone that are not there, and removes what it made', async () => {
    const root = await tempDir();
    await mkdir(join(root, 'cpu'));
    const cgroups = new CgroupManager(new FakeClock(), root);
    await cgroups.set(path, limited);
    expect(await readdir(root)).toEqual(['cpu']);
    expect(await cgroups.children('/kubepods')).toEqual(['poda']);
    await cgroups.remove(path);
    await cgroups.remove(path);
    expect(await cgroups.children('/kubepods')).toEqual([]);
  });

  it('removes what is empty, and nothing where a process is', async () => {
    const root = await tempDir();
    for (const controller of ['cpu', 'memory']) await mkdir(join(root, controller, path, 'container'), { recursive: true });
    const procs = join(root, 'memory', path, 'container/cgroup.procs');
    await writeFile(procs, '0\n');
    const cgroups = new CgroupManager(new FakeClock(), root);
    expect([await cgroups.removeEmpty(path), await cgroups.children(path)]).toEqual([false, ['container']]);
    await rm(procs);
    expect([await cgroups.removeEmpty(path), await cgroups.children('/kubepods')]).toEqual([true, []]);
  });

  it('weighs as Kubernetes does', () => {
    expect([2, 102, 1024, 262_144].map(cpuWeightOf)).toEqual([1, 4, 39, 10_000]);
  });
});
