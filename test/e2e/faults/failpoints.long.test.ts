import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deletePods, e2eWorld } from '../../harness/e2e-cluster.ts';
import { FailpointMatrix, type Cell } from '../../harness/failpoint-matrix.ts';

const world = e2eWorld();
const [node] = world.cluster.nodes;
if (!node) throw new Error('the cluster has no node');
const matrix = new FailpointMatrix(world, node);

beforeAll(() => deletePods(world));
afterAll(async () => {
  await matrix.end();
  await deletePods(world);
  await world.client.close();
});

describe('a pod whose kubelet or containerd is killed at any step', () => {
  it('[E5] runs each container as often as it should and leaves nothing', async () => {
    const steps = await matrix.steps();
    expect(steps.length).toBeGreaterThan(8);
    const cells = steps.flatMap((step) => (['before', 'after'] as const).flatMap((when) => (['kubelet', 'containerd'] as const).map((victim): Cell => ({ step, when, victim }))));
    const failures: string[] = [];
    for (const cell of cells) {
      const name = `${cell.when} ${cell.step}, ${cell.victim}`;
      try {
        const struck = await matrix.strike(cell);
        process.stdout.write(`${name}: ${struck ? 'survived' : 'not met'}\n`);
      } catch (error) {
        process.stdout.write(`${name}: ${String(error)}\n`);
        failures.push(`${name}: ${String(error)}`);
      }
    }
    expect(failures).toEqual([]);
  });
});
