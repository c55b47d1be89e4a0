import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unlimited, type CgroupLayout, type ResourceConfig, type Setting } from './resource-config.ts';

/** cgroup v1: a tree for each controller. A controller that is not mounted is left out. */
export function cgroupV1(mount: string): CgroupLayout {
  return {
    version: 1,
    async make(_path, settings) {
      const folders = new Set(settings.map(({ file }) => dirname(file)));
      await Promise.all([...folders].map((folder) => mkdir(join(mount, folder), { recursive: true })));
    },
    settings: (path, config) => Object.entries(filesOf(config)).flatMap(([controller, files]) => {
      if (files.length === 0 || !existsSync(join(mount, controller))) return [];
      return files.map(([name, amount]): Setting => ({ file: join(controller, path, name), value: String(amount), amount: unlimited(amount) }));
    }),
    folders: (path) => readdirSync(mount, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(mount, name, path)),
    memoryUsageFile: (path) => join(mount, 'memory', path, 'memory.usage_in_bytes'),
  };
}

/** By controller. */
function filesOf({ cpuShares, cpuPeriod, cpuQuota, memoryLimitBytes, pidsLimit, hugePageLimits = {} }: ResourceConfig): Record<string, [name: string, amount: number][]> {
  const given = (name: string, amount: number | undefined): [string, number][] => (amount === undefined ? [] : [[name, amount]]);
  return {
    cpu: [...given('cpu.shares', cpuShares), ...given('cpu.cfs_period_us', cpuPeriod), ...given('cpu.cfs_quota_us', cpuQuota)],
    memory: given('memory.limit_in_bytes', memoryLimitBytes),
    pids: given('pids.max', pidsLimit),
    hugetlb: Object.entries(hugePageLimits).map(([size, bytes]) => [`hugetlb.${size}.limit_in_bytes`, bytes]),
  };
}
