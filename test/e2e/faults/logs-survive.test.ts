import { mustSucceed, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, deletePods, e2eWorld, toolboxPod } from '../../harness/e2e-cluster.ts';
import { itLosesNoLine } from '../../harness/lost-kubelet.ts';

const world = e2eWorld();

beforeAll(() => deletePods(world));
afterAll(async () => {
  await deletePods(world);
  await world.client.close();
});

describe('[A9] container logs', () => {
  itLosesNoLine(world, { seconds: 10, lineCount: 20_000 });

  it('follow shows lines as they come and ends with the container', async () => {
    await applyPod(world, toolboxPod('ticker', 'for i in 1 2 3; do echo tick $i; sleep 1; done', { spec: { restartPolicy: 'Never' } }));
    await podUntil(world, 'ticker', 'started', (pod) => pod.status?.containerStatuses?.[0]?.state?.waiting === undefined && pod.status?.containerStatuses !== undefined);
    const text = await waitUntil('the followed log', () => mustSucceed(world.kubectl, ['logs', '-f', 'ticker']), { timeoutMs: 30_000 });
    expect(text.trim()).toBe('tick 1\ntick 2\ntick 3');
  });
});
