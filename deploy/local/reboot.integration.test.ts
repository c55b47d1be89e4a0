import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import { createClient, loadKubeconfig } from '@podling/shared/client';
import type { Client } from '@podling/shared/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../exec.ts';
import { toolboxRef } from '../images/toolbox-image.ts';
import { waitUntil } from '../wait-until.ts';
import { openCluster } from './cluster.ts';
import { readRecord } from './cluster-record.ts';
import { insideNode, removeNetwork } from './network.ts';
import { endAll, processesNaming, shimsOf } from './node-containers.ts';
import type { ClusterNode } from './node-processes.ts';
import { removeCgroups, removeSharedRecords, unmountAll } from './remains.ts';

const cluster = openCluster(`boot-${randomBytes(3).toString('hex')}`);
const hostPort = 18_080;
let client: Client;

const node = (): ClusterNode => cluster.nodes[0] ?? expect.fail('no node');
const pods = async (): Promise<Pod[]> => (await client.pods('default').list()).items;
const restartsOf = ({ status }: Pod): number[] => (status?.containerStatuses ?? []).map(({ restartCount }) => restartCount);
const isRunning = ({ status }: Pod): boolean => status?.phase === 'Running' && (status.containerStatuses ?? []).every(({ ready }) => ready);
const leases = (): string[] => readdirSync(join(node().paths.ipamData, 'flannel')).filter((file) => file.includes('.') && !file.startsWith('last'));

function aPod(name: string, ports: { containerPort: number; hostPort: number }[]): Pod {
  const container = { image: toolboxRef, command: ['sh', '-c', `mkdir -p /www; echo ${name} > /www/index.html; exec httpd -f -p 8080 -h /www`] };
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' },
    spec: {
      containers: [
        { ...container, name: 'server', ports, volumeMounts: [{ name: 'memory', mountPath: '/memory' }] },
        { ...container, name: 'beside', command: ['sleep', '1000'] },
      ],
      volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }],
      terminationGracePeriodSeconds: 1,
    },
  } as unknown as Pod;
}

/** All that runs ends at once, and what the kernel and /run held is gone; disks keep what they have. */
async function loseThePower(): Promise<void> {
  const record = readRecord(cluster.name) ?? expect.fail('no record');
  const { data, run: runFolder } = cluster.paths;
  await Promise.all(cluster.processes.map((part) => part.kill('SIGKILL')));
  await endAll([...shimsOf(node()), ...[data, runFolder].flatMap(processesNaming)], 'SIGKILL');
  await removeCgroups(cluster.name);
  await removeNetwork(record);
  await unmountAll(cluster.name);
  removeSharedRecords(node());
  rmSync(runFolder, { recursive: true });
}

describe('a machine that was rebooted', () => {
  beforeAll(async () => {
    await cluster.up();
    client = createClient(loadKubeconfig(cluster.kubeconfigPath));
    await waitUntil('the default service account', () => client.serviceAccounts('default').get('default').then(() => true), { timeoutMs: 30_000 });
    await client.pods('default').create(aPod('one', [{ containerPort: 8080, hostPort }]));
    await client.pods('default').create(aPod('two', []));
    await waitUntil('pods to run', async () => (await pods()).every(isRunning), { timeoutMs: 60_000 });
  });
  afterAll(async () => {
    await client.close();
    await cluster.down({ purge: true });
  });

  it('has the same pods again after up, each container restarted once', async () => {
    const before = await pods();
    await loseThePower();
    await cluster.up();
    const after = await waitUntil('the pods to run again', async () => {
      const all = await pods();
      return all.every((pod) => isRunning(pod) && restartsOf(pod).every((count) => count > 0)) && all;
    }, { timeoutMs: 60_000 });
    expect(after.map(({ metadata }) => metadata.uid)).toEqual(before.map(({ metadata }) => metadata.uid));
    expect(after.map(restartsOf)).toEqual([[1, 1], [1, 1]]);
    expect(await (await fetch(`http://${after[1]?.status?.podIP}:8080/`)).text()).toBe('two\n');
    await waitUntil('the host port to lead to the pod', async () => (await (await fetch(`http://${node().ip}:${hostPort}/`)).text()) === 'one\n', { timeoutMs: 30_000 });
  });

  it('keeps no address, shim or rule of before', async () => {
    const addresses = (await pods()).map(({ status }) => status?.podIP ?? '');
    await waitUntil('the addresses of before to be given back', () => leases().length === 2, { timeoutMs: 30_000 });
    expect(new Set(leases())).toEqual(new Set(addresses));
    expect(shimsOf(node())).toHaveLength(2);
    const rules = await run(...insideNode(node().netns, ['iptables-save', '-t', 'nat']));
    expect(rules.split('\n').filter((rule) => rule.includes('-j DNAT') && rule.includes(`--dport ${hostPort} `))).toHaveLength(1);
  });
});
