import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCgroupName } from './cgroup-name.ts';
import { unlimited, type CgroupLayout, type ResourceConfig, type Setting } from './resource-config.ts';

/** The controllers that containers need; upstream asks for the same. */
const wantedControllers = ['cpu', 'cpuset', 'memory', 'hugetlb', 'pids'];
const defaultPeriodMicroseconds = 100_000;

/** cgroup v2: one tree, in which a controller works only where all cgroups above hand it down. */
export function cgroupV2(mount: string): CgroupLayout {
  const there = wordsOf(readFileSync(join(mount, 'cgroup.controllers'), 'utf8'));
  const controllers = wantedControllers.filter((name) => there.includes(name));
  return {
    version: 2,
    async make(path) {
      await mkdir(join(mount, path), { recursive: true });
      const parts = parseCgroupName(path);
      for (let depth = 0; depth < parts.length; depth += 1) await handDown(join(mount, ...parts.slice(0, depth)), controllers);
    },
    settings: (path, config) => settingsOf(config)
      .filter(([name]) => controllers.includes(name.split('.')[0] ?? ''))
      .map(([name, amount, value]): Setting => ({ file: join(path, name), value: value ?? textOf(amount), amount: unlimited(amount) })),
    folders: (path) => [join(mount, path)],
    memoryUsageFile: (path) => join(mount, path, 'memory.current'),
  };
}

/** Kubernetes' own mapping of 2…262144 shares to a weight of 1…10000. */
export function cpuWeightOf(shares: number): number {
  return shares >= 262_144 ? 10_000 : 1 + Math.floor(((shares - 2) * 9_999) / 262_142);
}

function settingsOf({ cpuShares, cpuQuota, cpuPeriod, memoryLimitBytes, pidsLimit, hugePageLimits = {} }: ResourceConfig): [name: string, amount: number, value?: string][] {
  return [
    ...(cpuShares === undefined ? [] : [['cpu.weight', cpuWeightOf(cpuShares)] as [string, number]]),
    ...(cpuQuota === undefined ? [] : [['cpu.max', cpuQuota, `${textOf(cpuQuota)} ${cpuPeriod ?? defaultPeriodMicroseconds}`] as [string, number, string]]),
    ...(memoryLimitBytes === undefined ? [] : [['memory.max', memoryLimitBytes] as [string, number]]),
    ...(pidsLimit === undefined ? [] : [['pids.max', pidsLimit] as [string, number]]),
    ...Object.entries(hugePageLimits).map(([size, bytes]): [string, number] => [`hugetlb.${size}.max`, bytes]),
  ];
}

const textOf = (amount: number): string => (amount < 0 ? 'max' : String(amount));

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** What is handed down already is not asked for again: the kernel would walk the whole tree. */
async function handDown(folder: string, controllers: readonly string[]): Promise<void> {
  const file = join(folder, 'cgroup.subtree_control');
  const enabled = wordsOf(await readFile(file, 'utf8'));
  const missing = controllers.filter((name) => !enabled.includes(name));
  if (missing.length > 0) await writeFile(file, missing.map((name) => `+${name}`).join(' '), { flag: 'r+' });
}
