import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CgroupResources } from './resources.ts';

/** The pod level of the cgroup tree; containers are placed below it by the runtime. */
export interface PodCgroups {
  /** Makes the pod's cgroup with its share of the CPU and its limits; a limit that is absent is lifted. */
  ensure(path: string, resources: CgroupResources): Promise<void>;
  /** Sets what of this is more than the cgroup has. */
  widen(path: string, resources: CgroupResources): Promise<void>;
  /** Memory in use by all of the pod; 0 when nobody can tell. */
  memoryUsageBytes(path: string): Promise<number>;
  /** Removes the cgroup and empty ones below it; one that is not there is fine. */
  remove(path: string): Promise<void>;
}

const mountRoot = '/sys/fs/cgroup';
const defaultPeriodMicroseconds = 100_000;

/** For a runtime without processes. */
export const noPodCgroups: PodCgroups = { ensure: async () => undefined, widen: async () => undefined, memoryUsageBytes: async () => 0, remove: async () => undefined };

/** One file of the cgroup file system. */
interface Setting {
  /** Below the mount. */
  file: string;
  value: string;
  /** For comparison; Infinity is no limit. */
  amount: number;
}

/** cgroup v1 (one tree per controller) and v2, by what is mounted. */
export function createPodCgroups(root = mountRoot): PodCgroups {
  return {
    async ensure(path, resources) {
      await Promise.all(settings(await isUnified(root), path, resources).map(async ({ file, value }) => {
        await mkdir(join(root, file, '..'), { recursive: true });
        await writeIfThere(join(root, file), value);
      }));
    },
    async widen(path, resources) {
      for (const { file, value, amount } of settings(await isUnified(root), path, resources)) {
        const present = await readFile(join(root, file), 'utf8').catch(() => undefined);
        if (present !== undefined && amount > limitOf(present)) await writeIfThere(join(root, file), value);
      }
    },
    async memoryUsageBytes(path) {
      const file = (await isUnified(root)) ? join(path, 'memory.current') : join('memory', path, 'memory.usage_in_bytes');
      return readFile(join(root, file), 'utf8').then(Number, () => 0);
    },
    async remove(path) {
      for (const tree of await trees(root)) await removeTree(join(tree, path));
    },
  };
}

function settings(unified: boolean, path: string, resources: CgroupResources): Setting[] {
  const { cpuShares, cpuQuota = 0, memoryLimitBytes = 0 } = resources;
  const [quota, memory] = [cpuQuota, memoryLimitBytes].map((limit) => limit || Number.POSITIVE_INFINITY) as [number, number];
  return (unified ? unifiedSettings : legacySettings)(path, cpuShares, quota, memory);
}

function unifiedSettings(path: string, shares: number | undefined, quota: number, memory: number): Setting[] {
  const weight = shares === undefined ? [] : [{ file: join(path, 'cpu.weight'), value: String(weightOfShares(shares)), amount: weightOfShares(shares) }];
  return [
    ...weight,
    { file: join(path, 'cpu.max'), value: `${quota === Number.POSITIVE_INFINITY ? 'max' : quota} ${defaultPeriodMicroseconds}`, amount: quota },
    { file: join(path, 'memory.max'), value: memory === Number.POSITIVE_INFINITY ? 'max' : String(memory), amount: memory },
  ];
}

function legacySettings(path: string, shares: number | undefined, quota: number, memory: number): Setting[] {
  const unlimited = (amount: number): string => (amount === Number.POSITIVE_INFINITY ? '-1' : String(amount));
  const cpu = shares === undefined ? [] : [{ file: join('cpu', path, 'cpu.shares'), value: String(shares), amount: shares }];
  return [
    ...cpu,
    { file: join('cpu', path, 'cpu.cfs_quota_us'), value: unlimited(quota), amount: quota },
    { file: join('memory', path, 'memory.limit_in_bytes'), value: unlimited(memory), amount: memory },
  ];
}

/** Of `max`, `-1` or a number; of several the first counts. */
function limitOf(text: string): number {
  const [word = ''] = text.trim().split(/\s+/);
  const number = Number(word);
  return word === 'max' || number < 0 ? Number.POSITIVE_INFINITY : number;
}

/** The kernel's own mapping of 2…262144 to 1…10000, as the OCI runtime does it. */
function weightOfShares(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}

async function isUnified(root: string): Promise<boolean> {
  return access(join(root, 'cgroup.controllers')).then(() => true, () => false);
}

async function trees(root: string): Promise<string[]> {
  if (await isUnified(root)) return [root];
  const entries = await readdir(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(root, entry.name));
}

async function writeIfThere(file: string, value: string): Promise<void> {
  await writeFile(file, value, { flag: 'r+' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** Children first: a cgroup with children cannot go. One with a process in it stays and is tried again later. */
async function removeTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(directory, entry.name));
  await rmdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
