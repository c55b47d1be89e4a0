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

/** One of each kind; the whole matrix is a long test. */
const sample: Cell[] = [
  { step: 'nerdctl.run', when: 'after', victim: 'kubelet' },
  { step: 'tasks.start', when: 'after', victim: 'kubelet' },
  { step: 'tasks.create', when: 'before', victim: 'containerd' },
  { step: 'tasks.delete', when: 'after', victim: 'containerd' },
];

describe('a pod whose kubelet or containerd is killed', () => {
  it.each(sample)('[E5] $when $step, the $victim: runs each container as often as it should and leaves nothing', async (cell) => {
    expect(await matrix.strike(cell)).toBe(true);
  });
});
