import type { Pod } from '@podling/shared/api';
import { waitUntil } from '@podling/deploy/observe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlackHoleProxy } from '../harness/black-hole-proxy.ts';
import { InProcessCluster } from '../harness/in-process-cluster.ts';

let cluster: InProcessCluster;

beforeEach(async () => {
  cluster = await InProcessCluster.start();
});

afterEach(() => cluster.stop());

const image = 'podling.local/toolbox:1';
const pod = (name: string, spec: Partial<Pod['spec']> = {}): Pod => ({
  metadata: { name },
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image }], ...spec },
});

const patience = { timeoutMs: 20_000 };
const pods = () => cluster.client.pods('default');
const phase = (name: string, wanted: string): Promise<Pod> =>
  waitUntil(
    `${name} ${wanted}`,
    async () => {
      const seen = await pods().get(name);
      return seen.status?.phase === wanted && seen;
    },
    patience,
  );

const gone = (name: string): Promise<boolean> =>
  waitUntil(`${name} gone`, async () => (await pods().list()).items.every(({ metadata }) => metadata.name !== name), patience);

describe('the life of a pod through all components', () => {
  it('[M1] [M3] is scheduled to a Ready node, runs, and leaves nothing when deleted', async () => {
    const node = await cluster.addNode('n1');
    await pods().create(pod('a'));
    const running = await phase('a', 'Running');
    expect(running.spec.nodeName).toBe('n1');
    await pods().delete('a');
    await gone('a');
    expect(await node.runtime.listPodSandboxes()).toEqual([]);
    expect(await node.runtime.listContainers()).toEqual([]);
  });

  it('[E3] restarts a container that ended and counts it', async () => {
    const node = await cluster.addNode('n1');
    await pods().create(pod('a'));
    await phase('a', 'Running');
    const [container] = await node.runtime.listContainers();
    node.runtime.exitContainer(container?.id ?? '', 1);
    const seen = await waitUntil(
      'a restart',
      async () => {
        const now = await pods().get('a');
        return now.status?.containerStatuses?.[0]?.restartCount === 1 && now;
      },
      patience,
    );
    expect(seen.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(1);
  });

  it('[E5] [M1] a restarted kubelet re-adopts its containers, runs what came and removes what went meanwhile', async () => {
    const node = await cluster.addNode('n1');
    await pods().create(pod('stays'));
    await pods().create(pod('goes'));
    await phase('stays', 'Running');
    await phase('goes', 'Running');
    const uid = (await pods().get('stays')).metadata.uid ?? '';
    const before = await node.runtime.listContainers({ labelSelector: { 'io.kubernetes.pod.uid': uid } });
    await node.stopKubelet();
    await pods().delete('goes', { gracePeriodSeconds: 0 });
    await pods().create(pod('comes', { nodeName: 'n1' }));
    await node.startKubelet();
    await phase('comes', 'Running');
    await waitUntil('two sandboxes', async () => (await node.runtime.listPodSandboxes()).length === 2, patience);
    expect((await node.runtime.listContainers({ labelSelector: { 'io.kubernetes.pod.uid': uid } })).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  it('never runs pods of a node whose name only begins alike', async () => {
    const [one, ten] = [await cluster.addNode('node-1'), await cluster.addNode('node-10')];
    await pods().create(pod('a', { nodeName: 'node-10' }));
    await phase('a', 'Running');
    expect(await one.runtime.listPodSandboxes()).toEqual([]);
    expect(await ten.runtime.listPodSandboxes()).toHaveLength(1);
  });

  it('[E6] a silent node becomes NotReady and tainted, and Ready again when its kubelet is back', async () => {
    const node = await cluster.addNode('n1');
    const ready = (wanted: string) =>
      waitUntil(
        `Ready=${wanted}`,
        async () => {
          const { spec, status } = await cluster.client.nodes().get('n1');
          const tainted = (spec?.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/unreachable');
          return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === wanted) === true && tainted === (wanted === 'Unknown');
        },
        patience,
      );
    await ready('True');
    await node.stopKubelet();
    await ready('Unknown');
    await node.startKubelet();
    await ready('True');
  });

  it('[A9] a link that falls silent is noticed and nothing is lost once it is back', async () => {
    const proxy = new BlackHoleProxy(new URL(cluster.url));
    const node = await cluster.addNode('n1', await proxy.listen());
    try {
      await pods().create(pod('a'));
      await phase('a', 'Running');
      proxy.silence();
      await pods().create(pod('b', { nodeName: 'n1' }));
      await pods().delete('a');
      await waitUntil('the node to be unreachable', async () => {
        const { status } = await cluster.client.nodes().get('n1');
        return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'Unknown');
      }, patience);
      proxy.heal();
      await phase('b', 'Running');
      await gone('a');
      expect(await node.runtime.listPodSandboxes()).toHaveLength(1);
    } finally {
      await node.stopKubelet();
      await proxy.close();
    }
  });
});
