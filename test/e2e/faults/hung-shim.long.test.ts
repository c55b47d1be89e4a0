import { containerOf, pidOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeNamespace, e2eWorld, openNamespace } from '../../harness/e2e-cluster.ts';
import { parentOf, whileHung } from '../../harness/hung-process.ts';
import { isReady, ProbedPods } from '../../harness/probed-pods.ts';

const world = e2eWorld('hung-shim');
const probed = new ProbedPods(world);

beforeAll(() => openNamespace(world));
afterAll(async () => {
  await closeNamespace(world);
  probed.remove();
});

describe('a shim that hangs', () => {
  it('is no verdict on its container and holds up no other pod of the node', async () => {
    await probed.start('stuck');
    const before = await podUntil(world, 'stuck', 'ready', isReady);
    await whileHung(parentOf(await pidOf(world, before)), async () => {
      await probed.start('beside');
      await podUntil(world, 'beside', 'ready', isReady);
      const errors = async (): Promise<string[]> => (await probed.events('Unhealthy', 'stuck')).filter((message) => message.startsWith('Liveness probe errored'));
      await waitUntil('a probe without a verdict', async () => (await errors()).length > 0, { timeoutMs: 120_000 });
    });
    const after = await podUntil(world, 'stuck', 'ready', isReady);
    expect(containerOf(after)).toMatchObject({ restartCount: 0, containerID: containerOf(before).containerID });
    expect(await probed.events('Killing', 'stuck')).toEqual([]);
    expect([probed.runs('stuck'), probed.runs('beside')]).toEqual([1, 1]);
  });
});
