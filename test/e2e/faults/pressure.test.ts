import { describe } from 'vitest';
import { e2eWorld } from '../../harness/e2e-cluster.ts';
import { itFreesImagesFirst, itRecovers, PressedGround } from '../../harness/node-hogs.ts';

const world = e2eWorld('pressure');
const [, node] = world.cluster.nodes;
if (!node) throw new Error('the cluster has no second node');

describe('a node that runs full', () => {
  const ground = new PressedGround(world, node);
  itRecovers(ground, [['memory', 'emptydir', 'inodes']]);
  itFreesImagesFirst(ground);
});
