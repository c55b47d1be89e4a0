import { afterAll } from 'vitest';
import { describeClientNodeTour } from '../harness/client-node-tour.ts';
import { e2eWorld } from '../harness/e2e-cluster.ts';

const world = e2eWorld();

afterAll(() => world.client.close());

describeClientNodeTour('[M4] @kubernetes/client-node', { kubeconfig: world.cluster.kubeconfigPath, namespace: 'client-node' });
