import { describe } from 'vitest';
import { e2eWorld } from '../../harness/e2e-cluster.ts';
import { itRecovers } from '../../harness/node-hogs.ts';

const world = e2eWorld('pressure-long');
const [, node] = world.cluster.nodes;
if (!node) throw new Error('the cluster has no second node');

describe('a node that runs full', () => itRecovers(world, node, [['layer'], ['logs']]));
