import { join } from 'node:path';
import { afterAll } from 'vitest';
import { e2eWorld } from '../harness/e2e-cluster.ts';
import { describeKubectlTour } from '../harness/kubectl-tour.ts';

const world = e2eWorld();

afterAll(() => world.client.close());

describeKubectlTour('[M4] our kubectl', { binary: join(import.meta.dirname, '../../bin/kubectl'), kubeconfig: world.cluster.kubeconfigPath, namespace: 'tour-ours', podsRun: true, goTemplates: false });
