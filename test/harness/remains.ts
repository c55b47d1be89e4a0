import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
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
 * What a purged cluster has left on this machine: processes, mounts, network namespaces, links, routes, cgroups,
 * files. Empty when it is clean.
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
    ...folders.filter((f) => existsSync(f)).map((f) => `folder ${f}`),
  ];
}

/** What clusters share on this machine: the root namespace's network and the sockets of shims; to be compared before and after. */
export async function sharedState(): Promise<{ links: string[]; routes: string[]; rules: string[]; shimSockets: string[] }> {
  const links = (await linesOf('ip', ['-o', 'link', 'show'])).map((line) => line.split(': ')[1] ?? '');
  const routes = await linesOf('ip', ['route', 'show']);
  const rules = (await linesOf('iptables-save', [])).filter((line) => line.startsWith('-A'));
  const shimSockets = globSync('/run/containerd/s/*').toSorted();
  return { links, routes, rules, shimSockets };
}
