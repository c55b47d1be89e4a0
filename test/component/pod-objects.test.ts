import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@podling/deploy/observe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InProcessCluster } from '../harness/in-process-cluster.ts';
import type { HollowNode } from '../harness/in-process-cluster.ts';

let cluster: InProcessCluster;
let node: HollowNode;

beforeEach(async () => {
  cluster = await InProcessCluster.start();
  node = await cluster.addNode('n1');
});

afterEach(() => cluster.stop());

const patience = { timeoutMs: 20_000 };
const metadata = { name: 'app', namespace: 'default' };

describe('a pod and the objects it refers to', () => {
  it('waits for them and has them in its files and its environment', async () => {
    const { client } = cluster;
    const secret = { secretRef: { name: 'app' } };
    await client.pods('default').create({
      metadata: { name: 'a' },
      spec: {
        terminationGracePeriodSeconds: 1,
        volumes: [{ name: 'config', configMap: { name: 'app' } }],
        containers: [{ name: 'main', image: 'podling.local/toolbox:1', envFrom: [secret], volumeMounts: [{ name: 'config', mountPath: '/config' }] }],
      },
    });
    const message = 'MountVolume.SetUp failed for volume "config" : configmap "app" not found';
    await waitUntil('FailedMount', async () => (await client.events('default').list()).items.some((event) => event.message === message), patience);
    expect(await node.runtime.listPodSandboxes()).toEqual([]);
    await client.configMaps('default').create({ metadata, data: { 'app.conf': 'a=1' } });
    await client.secrets('default').create({ metadata, stringData: { PASSWORD: 's3cret' } });
    await waitUntil('Running', async () => (await client.pods('default').get('a')).status?.phase === 'Running', patience);
    const [container] = await node.runtime.listContainers();
    const { env, mounts } = node.runtime.containerConfig(container?.id ?? '');
    expect(env).toContainEqual({ name: 'PASSWORD', value: 's3cret' });
    const folder = mounts.find(({ containerPath }) => containerPath === '/config')?.hostPath ?? '';
    expect(await readFile(join(folder, 'app.conf'), 'utf8')).toBe('a=1');
  });
});
