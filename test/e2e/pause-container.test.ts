import { isRunning, mustSucceed, nodeOf, podUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';
import { nodeContainers } from '../harness/node-containers.ts';

const world = e2eWorld('pause-container');

beforeAll(() => openNamespace(world));
afterAll(() => closeNamespace(world));

/** Of the native runtime alone: a CRI runtime names its sandboxes itself. */
describe('a pod on the native runtime', () => {
  it('[A1] names its pause container by UID and attempt, with labels and hostname, also for a 253-character name', async () => {
    const name = `${'p'.repeat(63)}.${'q'.repeat(63)}.${'r'.repeat(63)}.${'s'.repeat(61)}`;
    expect(name).toHaveLength(253);
    await applyPod(world, toolboxPod(name, 'sleep 1000'));
    const pod = await podUntil(world, name, 'Running', isRunning);
    const [pause] = (await nodeContainers(nodeOf(world, pod))).filter(({ labels }) => labels['nerdctl/name'] === `${pod.metadata.uid}-0-pause`);
    expect(pause?.labels).toMatchObject({
      'io.kubernetes.pod.namespace': world.namespace,
      'io.kubernetes.pod.name': name,
      'io.kubernetes.pod.uid': pod.metadata.uid,
    });
    await mustSucceed(world.kubectl, ['delete', 'pod', name]);
    await applyPod(world, toolboxPod(name, 'sleep 1000'));
    await podUntil(world, name, 'Running again at once', isRunning);
  });
});
