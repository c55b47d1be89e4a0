import { randomBytes } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openCluster } from '@podling/deploy/local';
import { isRunning, openWorld, podUntil, waitUntil } from '@podling/deploy/observe';
import type { World } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, toolboxPod } from '../harness/e2e-cluster.ts';
import { remains } from '../harness/remains.ts';

const cluster = openCluster(`cri-${randomBytes(3).toString('hex')}`);
let world: World;

const serve = 'mkdir /www; echo page > /www/index.html; exec httpd -f -p 8080 -h /www';
const onNode = (name: string) => ({ nodeSelector: { 'kubernetes.io/hostname': name } });
const defaultAccount = () => world.client.serviceAccounts('default').get('default').then(() => true, () => false);

describe('a local cluster with CRI nodes', () => {
  beforeAll(async () => {
    await cluster.up({ nodes: 2, runtime: 'cri' });
    world = openWorld(cluster);
    await waitUntil('the account of pods', defaultAccount, { timeoutMs: 30_000 });
  });
  afterAll(() => cluster.down({ purge: true }));

  it('[A6] has pods on flannel that reach each other on two nodes, and this machine reaches them', async () => {
    await applyPod(world, toolboxPod('server', serve, { spec: onNode('node-2') }));
    const address = `${(await podUntil(world, 'server', 'Running', isRunning)).status?.podIP}:8080`;
    await applyPod(world, toolboxPod('client', `fetch ${address}`, { spec: { ...onNode('node-1'), restartPolicy: 'OnFailure' } }));
    await podUntil(world, 'client', 'Succeeded', ({ status }) => status?.phase === 'Succeeded');
    expect(await (await fetch(`http://${address}/`, { signal: AbortSignal.timeout(10_000) })).text()).toBe('page\n');
  });

  it('keeps its runtime and its network', async () => {
    await expect(cluster.up({ runtime: 'native' })).rejects.toThrow(/has the runtime cri: take it down with --purge first/);
    await expect(cluster.up({ network: 'bridge' })).rejects.toThrow(/has the network flannel/);
  });

  it('leaves nothing behind, although every process was killed before', async () => {
    await world.client.close();
    const tasks = cluster.nodes.flatMap(({ paths }) => globSync(join(paths.containerdState, 'io.containerd.runtime.v2.task/k8s.io/*')));
    const shared = tasks.flatMap((task) => [readFileSync(join(task, 'address'), 'utf8').replace('unix://', ''), join('/run/containerd/runc/k8s.io', basename(task))]);
    expect(shared.filter((path) => existsSync(path)).length).toBeGreaterThan(1);
    await Promise.all(cluster.processes.map((part) => part.kill('SIGKILL')));
    await cluster.down({ purge: true });
    expect(await remains(cluster.name)).toEqual([]);
    expect(shared.filter((path) => existsSync(path))).toEqual([]);
  });
});
