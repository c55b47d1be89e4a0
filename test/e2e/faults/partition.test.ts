import { afterAll, beforeAll, describe } from 'vitest';
import { deletePods, e2eWorld } from '../../harness/e2e-cluster.ts';
import { itHealsAfterSilence } from '../../harness/silent-network.ts';

const world = e2eWorld();

beforeAll(() => deletePods(world));
afterAll(async () => {
  await deletePods(world);
  await world.client.close();
});

describe('[A9] [M1] a silent network between kubelet and apiserver', () => {
  itHealsAfterSilence(world, 15);
});
