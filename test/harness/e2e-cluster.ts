import { join } from 'node:path';
import { openCluster } from '@podling/deploy/local';
import { mustSucceed, openWorld } from '@podling/deploy/observe';
import type { World } from '@podling/deploy/observe';

export const e2eClusterName = 'e2e';

/** A file of `examples/`, from whichever folder the tests run. */
export const example = (name: string): string => join(import.meta.dirname, '../../examples', name);

/** The cluster that `global-setup.ts` has brought up, as a world to look at. */
export const e2eWorld = (): World => openWorld(openCluster(e2eClusterName));

/** A pod of the toolbox image as a manifest; `container` and `spec` are merged over the defaults. */
export function toolboxPod(name: string, script: string, { spec = {}, container = {}, labels = {} }: PodParts = {}): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'podling.local/toolbox:1', command: ['sh', '-c', script], ...container }],
      ...spec,
    },
  };
}

interface PodParts {
  spec?: Record<string, unknown>;
  container?: Record<string, unknown>;
  labels?: Record<string, string>;
}

export const applyPod = (world: World, pod: Record<string, unknown>): Promise<string> =>
  mustSucceed(world.kubectl, ['apply', '-f', '-'], JSON.stringify(pod));

/** Deletes all pods of the default namespace and waits until they are gone. */
export const deletePods = (world: World): Promise<string> => mustSucceed(world.kubectl, ['delete', 'pods', '--all', '--timeout', '120s']);
