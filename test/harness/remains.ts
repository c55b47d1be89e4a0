import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { bridgeName, vethName } from '@podling/deploy/local';
import { mountPointsBelow } from '@podling/shared/process';
import { execa } from 'execa';

async function linesOf(command: string, args: string[]): Promise<string[]> {
  const { stdout } = await execa(command, args, { reject: false });
  return String(stdout ?? '').split('\n').filter((line) => line !== '');
}

function processes(needles: string[]): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return needles.some((needle) => line.includes(needle)) ? [`process ${pid}: ${line.slice(0, 160)}`] : [];
      } catch {
        return [];
      }
    });
}

/**
 * What there is of a cluster on this machine: processes, mounts, network namespaces, links, routes, firewall rules,
 * cgroups, files. Empty when it was purged.
 */
export async function remains(cluster: string): Promise<string[]> {
  const folders = [`/var/lib/podling/${cluster}`, `/run/podling/${cluster}`];
  const mounts = folders.flatMap((folder) => mountPointsBelow(folder));
  const namespaces = (await linesOf('ip', ['netns', 'list'])).filter((line) => new RegExp(`^${cluster}-node-\\d+\\b`).test(line));
  const cgroups = globSync([`/sys/fs/cgroup/podling-${cluster}`, `/sys/fs/cgroup/*/podling-${cluster}`]);
  return [
    ...processes(folders.map((f) => `${f}/`)),
    ...mounts.map((path) => `mount ${path}`),
    ...namespaces.map((name) => `network namespace ${name}`),
    ...cgroups.map((path) => `cgroup ${path}`),
    ...(await network(cluster)),
    ...folders.filter((f) => existsSync(f)).map((f) => `folder ${f}`),
  ];
}

/** A cluster's lines in the root namespace's links, routes and firewall rules. */
async function network(cluster: string): Promise<string[]> {
  const links = (await linesOf('ip', ['-o', 'link', 'show'])).map((line) => `link ${line.split(': ')[1] ?? ''}`);
  const routes = await linesOf('ip', ['route', 'show']);
  const rules = (await linesOf('iptables-save', [])).filter((line) => line.startsWith('-A'));
  const marks = [`${bridgeName(cluster)} `, `--comment podling-${cluster} `, vethName(cluster, 1).slice(0, -1)];
  return [...links, ...routes, ...rules].filter((line) => marks.some((mark) => `${line} `.includes(mark)));
}

/** The sockets of a cluster's shims, which lie in a folder of all shims on the machine: their paths are noted in the bundles. */
export function shimSockets(cluster: string): string[] {
  const bundles = globSync(`/run/podling/${cluster}/node-*/containerd/io.containerd.runtime.v2.task/*/*/address`);
  return bundles.map((path) => readFileSync(path, 'utf8').trim().replace(/^unix:\/\//, ''));
}
