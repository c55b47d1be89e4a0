import { afterAll } from 'vitest';
import { e2eWorld } from '../harness/e2e-cluster.ts';
import { describeKubectlTour } from '../harness/kubectl-tour.ts';
import { upstreamKubectls } from '../harness/upstream-kubectl.ts';

const world = e2eWorld();

afterAll(() => world.client.close());

describeKubectlTour('[M4] upstream kubectl 1.36', { binary: upstreamKubectls.newest, kubeconfig: world.cluster.kubeconfigPath, namespace: 'tour-newest', podsRun: true });
