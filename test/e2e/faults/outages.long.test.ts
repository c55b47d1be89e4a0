import { afterAll, beforeAll, describe } from 'vitest';
import { deletePods, e2eWorld } from '../../harness/e2e-cluster.ts';
import { itLosesNoLine } from '../../harness/lost-kubelet.ts';
import { itHealsAfterSilence } from '../../harness/silent-network.ts';

const world = e2eWorld();

beforeAll(() => deletePods(world));
afterAll(async () => {
  await deletePods(world);
  await world.client.close();
});

describe('a minute without', () => {
  describe('a kubelet', () => itLosesNoLine(world, { seconds: 60, lineCount: 175_000 }));
  describe('a network', () => itHealsAfterSilence(world, 60));
});
