import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { bridgeName, vethName } from '@podling/deploy/local';
import { mountPointsBelow } from '@podling/shared/process';
import { execa } from 'execa';

const shimSockets = '/run/containerd/s/';

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

/** What clusters share on this machine: the root namespace's network and the sockets of shims, a line each. */
export async function sharedState(): Promise<string[]> {
  const links = (await linesOf('ip', ['-o', 'link', 'show'])).map((line) => `link ${line.split(': ')[1] ?? ''}`);
  const routes = await linesOf('ip', ['route', 'show']);
  const rules = (await linesOf('iptables-save', [])).filter((line) => line.startsWith('-A'));
  return [...links, ...routes, ...rules, ...globSync(`${shimSockets}*`)];
}

/**
 * What has come to the shared state since `before` and belongs to no cluster that is there now. A shim's socket that is
 * served belongs to whoever has the shim: `remains` finds a cluster's own shims.
 */
export async function strayState(before: string[]): Promise<string[]> {
  const owned = clustersHere().flatMap((name) => [`${bridgeName(name)} `, `--comment podling-${name} `, vethName(name, 1).slice(0, -1)]);
  const come = (await sharedState()).filter((line) => !before.includes(line) && !owned.some((part) => `${line} `.includes(part)));
  const stray = await Promise.all(come.map(async (line) => !line.startsWith(shimSockets) || (await isDead(line))));
  return come.filter((_, index) => stray[index]);
}

const clustersHere = (): string[] => (existsSync('/run/podling') ? readdirSync('/run/podling') : []);

/** It is there, and nobody listens. */
function isDead(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => {
      connection.destroy();
      resolve(false);
    });
    connection.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}
