import { mustSucceed } from '@podling/deploy/observe';
import { afterAll, beforeAll } from 'vitest';
import { e2eWorld } from '../harness/e2e-cluster.ts';
import { describeKubectlTour } from '../harness/kubectl-tour.ts';
import { upstreamKubectls } from '../harness/upstream-kubectl.ts';

const world = e2eWorld();

afterAll(() => world.client.close());

for (const [version, binary] of upstreamKubectls) {
  const namespace = `tour-${version.replace('.', '-')}`;
  describeKubectlTour(`[M4] upstream kubectl ${version}`, { binary, kubeconfig: world.cluster.kubeconfigPath, namespace, podsRun: true });
}

beforeAll(() => mustSucceed(world.kubectl, ['get', 'nodes']));
