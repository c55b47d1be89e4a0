import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLine, mountPointsBelow, readMountTable, toolchainDir } from '@podling/shared/process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, run } from '../exec.ts';
import { toolboxRef } from '../images/toolbox-image.ts';
import { waitUntil } from '../wait-until.ts';
import { openCluster } from './cluster.ts';
import { bridgeName, cgroupRoot, vethName } from './cluster-names.ts';
import { nerdctlArgs } from './node-containers.ts';
import type { ClusterNode } from './node-processes.ts';
import { cgroupMounts } from './remains.ts';

const name = `it-${randomBytes(3).toString('hex')}`;
const cluster = openCluster(name);
const folders = [cluster.paths.data, cluster.paths.run];

const nerdctl = (node: ClusterNode, ...args: string[]): Promise<string> =>
  run(join(toolchainDir(), 'bin/nerdctl'), [...nerdctlArgs(node), ...args], { env: { PATH: `${toolchainDir()}/bin:${process.env['PATH'] ?? ''}` } });

const pids = (): (number | undefined)[] => cluster.processes.map(({ pid }) => pid);

/** What a cluster makes on a machine outside of its data, by kind; empty when nothing of it is there. */
async function traces(): Promise<string[]> {
  const running = readdirSync('/proc').filter((pid) => folders.some((folder) => commandLine(Number(pid)).join(' ').includes(`${folder}/`)));
  const links = [bridgeName(name), vethName(name, 1), vethName(name, 2)].filter((link) => existsSync(`/sys/class/net/${link}`));
  const groups = cgroupMounts(readMountTable()).map((mount) => join(mount, cgroupRoot(name))).filter((group) => existsSync(group));
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns').filter((namespace) => namespace.startsWith(`${name}-`)) : [];
  const rules = ((await ask('iptables-save', [])) ?? '').split('\n').filter((rule) => rule.includes(`podling-${name} `));
  const routes = ((await ask('ip', ['route'])) ?? '').split('\n').filter((route) => route.includes(` ${bridgeName(name)} `));
  return [...running.map((pid) => `process ${pid}`), ...links, ...groups, ...namespaces, ...rules, ...routes, ...folders.flatMap((folder) => mountPointsBelow(folder))];
}

describe('local cluster', () => {
  beforeAll(() => cluster.up({ nodes: 2 }));
  afterAll(() => cluster.down({ purge: true }));

  it('[M5] comes up with two nodes that are Ready, each on networks of its own', async () => {
    const { running, nodes } = await cluster.status();
    expect(running).toBe(true);
    expect(nodes.map(({ ready }) => ready)).toEqual(['Ready', 'Ready']);
    expect(new Set(nodes.flatMap(({ ip, podCidr }) => [ip, podCidr])).size).toBe(4);
  });

  it('[A6] lets containers on two nodes, and this machine, reach each other over flannel', async () => {
    const addresses = await Promise.all(
      cluster.nodes.map(async (node) => {
        const serve = `echo from ${node.name} >/www/index.html; exec httpd -f -p 80 -h /www`;
        const parent = ['--cgroup-parent', `${node.cgroupRoot}/trial`, '--log-driver', 'file:///dev/null'];
        await nerdctl(node, 'run', '-d', '--pull', 'never', '--net', 'flannel', '--name', 'trial', ...parent, toolboxRef, 'sh', '-c', serve);
        return (await nerdctl(node, 'inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'trial')).trim();
      }),
    );
    const [one, two] = cluster.nodes as [ClusterNode, ClusterNode];
    const answer = await waitUntil('answer of node-2', () => nerdctl(one, 'exec', 'trial', 'fetch', addresses[1] ?? ''), { timeoutMs: 20_000 });
    expect(answer).toBe('from node-2');
    expect(await nerdctl(two, 'exec', 'trial', 'fetch', addresses[0] ?? '')).toBe('from node-1');
    expect(await (await fetch(`http://${addresses[1]}/`)).text()).toBe('from node-2\n');
  });

  it('starts nothing again when it is up', async () => {
    const before = pids();
    await cluster.up();
    expect(pids()).toEqual(before);
  });

  it('brings back what has died and leaves the rest alone', async () => {
    const [flanneld, apiserver] = [cluster.process('flanneld/node-1'), cluster.process('apiserver')];
    const before = { flanneld: flanneld.pid, apiserver: apiserver.pid };
    await flanneld.kill('SIGKILL');
    await cluster.up();
    expect(flanneld.pid).toBeGreaterThan(0);
    expect(flanneld.pid).not.toBe(before.flanneld);
    expect(apiserver.pid).toBe(before.apiserver);
  });

  it('keeps its data and nothing else when it is down, and gives addresses back', async () => {
    await cluster.down();
    expect(await traces()).toEqual([]);
    expect(await readFile(cluster.kubeconfigPath, 'utf8')).toContain(name);
    const leases = readdirSync(join(cluster.nodes[0]?.paths.ipamData ?? '', 'flannel')).filter((entry) => entry.includes('.') && !entry.startsWith('last'));
    expect(leases).toEqual([]);
  });

  it('comes back with its nodes, and a purge leaves nothing although every process was killed before', async () => {
    await cluster.up();
    expect((await cluster.status()).nodes.map(({ ready }) => ready)).toEqual(['Ready', 'Ready']);
    await Promise.all(cluster.processes.map((part) => part.kill('SIGKILL')));
    await cluster.down({ purge: true });
    expect(await traces()).toEqual([]);
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
  });
});
