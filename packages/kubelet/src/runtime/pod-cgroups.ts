import { access, mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The pod level of the cgroup tree; containers are placed below it by the runtime. */
export interface PodCgroups {
  /** Makes the pod's cgroup with its share of the CPU. */
  ensure(path: string, cpuShares: number): Promise<void>;
  /** Removes the cgroup and empty ones below it; one that is not there is fine. */
  remove(path: string): Promise<void>;
}

const mountRoot = '/sys/fs/cgroup';

/** For a runtime without processes. */
export const noPodCgroups: PodCgroups = { ensure: async () => undefined, remove: async () => undefined };

/** cgroup v1 (one tree per controller) and v2, by what is mounted. */
export function createPodCgroups(root = mountRoot): PodCgroups {
  return {
    async ensure(path, cpuShares) {
      const unified = await isUnified(root);
      const directory = unified ? join(root, path) : join(root, 'cpu', path);
      await mkdir(directory, { recursive: true });
      if (unified) await writeIfThere(join(directory, 'cpu.weight'), String(weightOfShares(cpuShares)));
      else await writeIfThere(join(directory, 'cpu.shares'), String(cpuShares));
    },
    async remove(path) {
      for (const tree of await trees(root)) await removeTree(join(tree, path));
    },
  };
}

/** The kernel's own mapping of 2…262144 to 1…10000, as the OCI runtime does it. */
export function weightOfShares(shares: number): number {
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
