import { containerOf, isRunning, nodeOf, pidOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeNamespace, e2eWorld, openNamespace, soon } from '../../harness/e2e-cluster.ts';
import { parentOf, whileHung } from '../../harness/hung-process.ts';
import { isReady, ProbedPods } from '../../harness/probed-pods.ts';

const world = e2eWorld('hung-runtime');
const pods = world.client.pods(world.namespace);
const probed = new ProbedPods(world);

beforeAll(() => openNamespace(world));
afterAll(async () => {
  await closeNamespace(world);
  probed.remove();
});

describe('a containerd that hangs', () => {
  it('is no verdict on any container; what was begun meanwhile is done once afterwards', async () => {
    await Promise.all([probed.start('probed'), probed.start('leaving')]);
    const before = await podUntil(world, 'probed', 'ready', isReady);
    await podUntil(world, 'leaving', 'Running', isRunning);
    await whileHung(nodeOf(world, before).containerd.pid, async () => {
      await Promise.all([probed.start('coming'), pods.delete('leaving')]);
      await waitUntil('the runtime to have missed a deadline', async () => (await probed.events('FailedSync', 'coming')).length > 0, { timeoutMs: 60_000 });
    });
    await podUntil(world, 'coming', 'Running', isRunning);
    await waitUntil('the deleted pod to be gone', () => pods.get('leaving').then(() => false, () => true), { timeoutMs: 60_000 });
    const after = await podUntil(world, 'probed', 'ready', isReady);
    expect(containerOf(after)).toMatchObject({ restartCount: 0, containerID: containerOf(before).containerID });
    await expect.poll(() => probed.events('Started', 'coming'), soon).not.toEqual([]);
    expect([...(await probed.events('Killing', 'probed')), ...(await probed.events('Killing', 'coming'))]).toEqual([]);
    for (const name of ['probed', 'leaving', 'coming']) expect(probed.runs(name)).toBe(1);
  });
});

describe('a shim that hangs', () => {
  it('[E5] is no verdict on its pod for a kubelet that starts meanwhile', async () => {
    await probed.start('stuck');
    const before = await podUntil(world, 'stuck', 'ready', isReady);
    const { kubelet } = nodeOf(world, before);
    await whileHung(parentOf(await pidOf(world, before)), async () => {
      await kubelet.kill('SIGKILL');
      await kubelet.start();
      await probed.start('beside');
      await podUntil(world, 'beside', 'ready', isReady, 90);
    });
    const after = await podUntil(world, 'stuck', 'ready', isReady);
    expect(containerOf(after)).toMatchObject({ restartCount: 0, containerID: containerOf(before).containerID });
    expect(after.status?.podIP).toBe(before.status?.podIP);
    expect([probed.runs('stuck'), probed.runs('beside')]).toEqual([1, 1]);
  });
});
