import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { InProcessCluster } from '../harness/in-process-cluster.ts';
import type { HollowNode } from '../harness/in-process-cluster.ts';

let cluster: InProcessCluster;
let folder: string;
let node: HollowNode;

const body = (name: string, spec: Partial<Pod['spec']> = {}): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'main', image: 'podling.local/toolbox:1' }], ...spec } });

/** The pod, once its status is this. */
const shows = (name: string, status: NonNullable<Pod['status']>): Promise<Pod> => eventually(`${name}: ${JSON.stringify(status)}`, async () => {
  const pod = await cluster.client.pods('default').get(name);
  expect(pod.status).toMatchObject(status);
  return pod;
}, { timeoutMs: 30_000 });
const running = (name: string): Promise<Pod> => shows(name, { phase: 'Running' });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podling-node-files-'));
  const config = join(folder, 'kubelet.yaml');
  const lines = ['apiVersion: kubelet.config.k8s.io/v1beta1', 'kind: KubeletConfiguration', 'healthzPort: 0', 'shutdownGracePeriod: 5s', `staticPodPath: ${join(folder, 'static.json')}`];
  await writeFile(config, lines.join('\n'));
  await writeFile(join(folder, 'static.json'), JSON.stringify(body('static')));
  cluster = await InProcessCluster.start();
  node = await cluster.addNode('n1', undefined, [`--config=${config}`]);
});
afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true });
});

describe('a node with a configuration file', () => {
  it('may show the pod of its own file, and that alone, at the apiserver', async () => {
    const mirror = await running('static-n1');
    expect(mirror.metadata.annotations).toHaveProperty('kubernetes.io/config.mirror');
    const [container] = await node.runtime.listContainers();
    expect(container?.labels['io.kubernetes.pod.uid']).toBe(mirror.metadata.annotations?.['kubernetes.io/config.hash']);
  });

  it('ends its pods when it goes down, and takes no new ones', async () => {
    await cluster.client.pods('default').create(body('web'));
    await running('web');
    await node.shutDown();
    const ended: NonNullable<Pod['status']> = { phase: 'Failed', reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' };
    for (const name of ['web', 'static-n1']) await shows(name, ended);
    await eventually('the node not ready', async () => {
      const { status } = await cluster.client.nodes().get('n1');
      return status?.conditions?.some(({ type, status: is, message }) => type === 'Ready' && is === 'False' && message === 'node is shutting down');
    });
    await cluster.client.pods('default').create(body('late', { nodeName: 'n1' }));
    await shows('late', { phase: 'Failed', reason: 'NodeShutdown' });
  });
});
