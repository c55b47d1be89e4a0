import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mountPointsBelow, readMountTable } from '@podling/shared/process';
import type { MountPoint } from '@podling/shared/process';
import { run } from '../exec.ts';
import { waitUntil } from '../wait-until.ts';
import { cgroupRoot } from './cluster-names.ts';
import { clusterPaths, runRoot } from './cluster-paths.ts';
import { endAll } from './node-containers.ts';
import { containerdNamespaces } from './node-processes.ts';
import type { ClusterNode } from './node-processes.ts';

// What a cluster may leave outside its own two folders, and how it goes. Nothing here needs a living containerd.

/** Unmounts everything below the cluster's folders. */
export async function unmountAll(cluster: string): Promise<void> {
  const { data, run: runFolder } = clusterPaths(cluster);
  for (const point of [data, runFolder].flatMap((folder) => mountPointsBelow(folder))) await run('umount', ['--lazy', point]);
}

/** Kills what still runs in the cluster's cgroups and removes them from every hierarchy (v1 and v2). */
export async function removeCgroups(cluster: string): Promise<void> {
  const roots = cgroupMounts(readMountTable()).map((mount) => join(mount, cgroupRoot(cluster)));
  const trees = roots.filter((root) => existsSync(root)).map(treeBottomUp);
  await endAll([...new Set(trees.flat().flatMap(pidsOf))], 'SIGKILL');
  for (const group of trees.flat()) await waitUntil(`cgroup ${group} to be free`, () => removeEmptyFolder(group), { timeoutMs: 5000 });
}

/** Where cgroup hierarchies are mounted. */
export function cgroupMounts(table: readonly MountPoint[]): string[] {
  return table.filter(({ fileSystem }) => /^cgroup2?$/.test(fileSystem)).map(({ path }) => path);
}

/**
 * Removes what shims, runc and CNI keep in folders that they share with others: the sockets of shims (the address is in
 * each bundle), runc's state, CNI's result cache. Call it before the node's run folder goes.
 */
export function removeSharedRecords(node: ClusterNode): void {
  const tasks = join(node.paths.containerdState, 'io.containerd.runtime.v2.task', node.containerdNamespace);
  for (const id of entries(tasks)) {
    const address = readText(join(tasks, id, 'address'))?.trim().replace(/^unix:\/\//, '');
    if (address?.startsWith('/run/containerd/s/')) rmSync(address, { force: true });
    rmSync(join('/run/containerd/runc', node.containerdNamespace, id), { recursive: true, force: true });
  }
  removeCachedResults(node);
}

/** CNI's result cache names no cluster, but each record carries the configuration it was made with. */
function removeCachedResults(node: ClusterNode): void {
  const cache = '/var/lib/cni/results';
  for (const file of entries(cache)) {
    const record = JSON.parse(readText(join(cache, file)) || '{}') as { config?: string };
    const config = Buffer.from(record.config ?? '', 'base64').toString();
    if (config.includes(node.paths.ipamData)) rmSync(join(cache, file));
  }
}

/**
 * Removes the shared folders themselves where nobody has anything in them any more. While another cluster runs they
 * stay: one of its shims may just have made a folder and not yet put its socket there.
 */
export function removeEmptySharedFolders(): void {
  const otherRuns = existsSync(runRoot) && readdirSync(runRoot, { withFileTypes: true }).some((entry) => entry.isDirectory());
  if (otherRuns) return;
  const runc = Object.values(containerdNamespaces).map((namespace) => `/run/containerd/runc/${namespace}`);
  const folders = ['/run/containerd/s', ...runc, '/run/containerd/runc', '/run/containerd/fifo', '/run/containerd'];
  for (const folder of [...folders, '/var/lib/cni/results', '/var/lib/cni', '/run/cni/tuning', '/run/cni']) removeEmptyFolder(folder);
}

function treeBottomUp(root: string): string[] {
  const children = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((child) => treeBottomUp(join(root, child.name))), root];
}

function pidsOf(group: string): number[] {
  return (readText(join(group, 'cgroup.procs')) ?? '').split('\n').filter((line) => line !== '').map(Number);
}

/** True when the folder is gone; false when something is still in it. */
export function removeEmptyFolder(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
