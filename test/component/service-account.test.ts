import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import { waitUntil } from '@podling/deploy/observe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InProcessCluster } from '../harness/in-process-cluster.ts';

const patience = { timeoutMs: 20_000 };

describe('the service account of a pod', () => {
  let cluster: InProcessCluster;

  beforeEach(async () => {
    cluster = await InProcessCluster.start();
  });
  afterEach(() => cluster.stop());

  const running = (name: string): Promise<Pod> => waitUntil(`${name} runs`, async () => {
    const pod = await cluster.client.pods('default').get(name);
    return pod.status?.phase === 'Running' && pod;
  }, patience);

  it('lets the program in it list the pods beside it, and nothing else', async () => {
    const node = await cluster.addNode('n1');
    await cluster.client.pods('default').create({ metadata: { name: 'program' }, spec: { containers: [{ name: 'main', image: 'podling.local/toolbox:1' }] } });
    const { metadata, spec: { volumes = [] } } = await running('program');
    const folder = join(node.rootDir, 'pods', metadata.uid ?? '', 'volumes/kubernetes.io~projected', volumes[0]?.name ?? '');
    expect(readdirSync(folder).filter((name) => !name.startsWith('..')).toSorted()).toEqual(['ca.crt', 'namespace', 'token']);
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const client = cluster.connectWithToken(read('token'));
    try {
      const { items } = await client.pods(read('namespace')).list();
      expect(items.map((pod) => pod.metadata.name)).toEqual(['program']);
      await expect(client.pods('kube-system').list()).rejects.toMatchObject({ code: 403 });
      await cluster.client.pods('default').delete('program');
      await waitUntil('the token to end with its pod', async () => client.pods('default').list().then(() => false, (error: unknown) => (error as { code?: number }).code === 401), patience);
    } finally {
      await client.close();
    }
  });

  it('lets the apiserver itself use the port of a kubelet, which asks the apiserver about it', async () => {
    await cluster.addNode('n1');
    await cluster.client.pods('default').create({ metadata: { name: 'talker' }, spec: { containers: [{ name: 'main', image: 'podling.local/toolbox:1' }] } });
    await running('talker');
    const text = await cluster.client.rest.requestText({ path: '/api/v1/nodes/n1/proxy/healthz' });
    expect(text).toBe('ok');
  });
});
