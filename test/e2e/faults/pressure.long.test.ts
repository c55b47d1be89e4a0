import { describe } from 'vitest';
import { e2eWorld } from '../../harness/e2e-cluster.ts';
import { itRecovers, PressedGround } from '../../harness/node-hogs.ts';

const world = e2eWorld('pressure-long');
const [, node] = world.cluster.nodes;
if (!node) throw new Error('the cluster has no second node');

describe('a node that runs full', () => itRecovers(new PressedGround(world, node), [['layer'], ['logs']]));
