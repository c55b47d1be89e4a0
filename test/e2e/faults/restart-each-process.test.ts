import { containerOf, isRunning, nodeOf, pidOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, deletePods, e2eWorld, toolboxPod } from '../../harness/e2e-cluster.ts';
import { nodeContainers } from '../../harness/node-containers.ts';

const world = e2eWorld();

beforeAll(() => deletePods(world));
afterEach(() => deletePods(world));
afterAll(() => world.client.close());

const nodeParts = ['kubelet', 'containerd', 'flanneld'];

/** The process by its short name; the parts of a node are those of the node that runs `pod`. */
async function processFor(name: string, podName: string) {
  if (!nodeParts.includes(name)) return world.cluster.process(name);
  const pod = await world.client.pods('default').get(podName);
  return world.cluster.process(`${name}/${nodeOf(world, pod).name}`);
}

describe('a process that is killed and started again', () => {
  it.each(['apiserver', 'scheduler', 'controller-manager', 'kubelet', 'containerd', 'etcd', 'flanneld'])(
    '[E5] [M1] %s: the container keeps its PID, a pod made afterwards runs, a deleted one goes',
    async (name) => {
      await applyPod(world, toolboxPod('stays', 'sleep 1000'));
      const before = await podUntil(world, 'stays', 'Running', isRunning);
      const pid = await pidOf(world, before);
      const part = await processFor(name, 'stays');
      await part.kill('SIGKILL');
      await part.start();
      await waitUntil('the apiserver to take writes', () => applyPod(world, toolboxPod('later', 'sleep 1000')), { timeoutMs: 60_000 });
      await podUntil(world, 'later', 'Running', isRunning, 90);
      const after = await podUntil(world, 'stays', 'Running', isRunning);
      expect(await pidOf(world, after)).toBe(pid);
      expect(containerOf(after)).toMatchObject({ restartCount: 0, containerID: containerOf(before).containerID });
      const uid = after.metadata.uid;
      await deletePods(world);
      expect((await nodeContainers(nodeOf(world, after))).filter(({ labels }) => labels['io.kubernetes.pod.uid'] === uid)).toEqual([]);
    },
  );
});

describe('a kubelet that was away', () => {
  it('[M1] [A9] applies what it missed: a pod made, a container that died, a pod deleted', async () => {
    await applyPod(world, toolboxPod('dies', 'sleep 1000'));
    await applyPod(world, toolboxPod('deleted', 'sleep 1000', { spec: { nodeSelector: {} } }));
    const dies = await podUntil(world, 'dies', 'Running', isRunning);
    const deleted = await podUntil(world, 'deleted', 'Running', isRunning);
    const pid = await pidOf(world, dies);
    for (const node of world.cluster.nodes) await node.kubelet.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await world.client.pods('default').delete('deleted');
    await applyPod(world, toolboxPod('made', 'sleep 1000'));
    await Promise.all(world.cluster.nodes.map((node) => node.kubelet.start()));
    await podUntil(world, 'made', 'Running', isRunning);
    await podUntil(world, 'dies', 'restarted', (pod) => isRunning(pod) && containerOf(pod).restartCount === 1);
    await waitUntil('the deleted pod to go', async () => (await world.client.pods('default').list()).items.every((p) => p.metadata.name !== 'deleted'), { timeoutMs: 60_000 });
    const left = await nodeContainers(nodeOf(world, deleted));
    expect(left.filter(({ labels }) => labels['io.kubernetes.pod.uid'] === deleted.metadata.uid)).toEqual([]);
  });

  it('[M1] removes a pod whose key is gone altogether when it comes back', async () => {
    await applyPod(world, toolboxPod('orphan', 'sleep 1000'));
    const pod = await podUntil(world, 'orphan', 'Running', isRunning);
    const node = nodeOf(world, pod);
    await node.kubelet.kill('SIGKILL');
    await world.client.pods('default').delete('orphan', { gracePeriodSeconds: 0 });
    await node.kubelet.start();
    await waitUntil(
      'the orphan containers to go',
      async () => (await nodeContainers(node)).every(({ labels }) => labels['io.kubernetes.pod.uid'] !== pod.metadata.uid),
      { timeoutMs: 60_000 },
    );
  });
});
