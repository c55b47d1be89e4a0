import { join } from 'node:path';
import { openCluster } from '@podling/deploy/local';
import type { ClusterRuntime } from '@podling/deploy/local';
import { mustSucceed, openWorld, waitUntil } from '@podling/deploy/observe';
import type { World } from '@podling/deploy/observe';

/** What runs the containers of the cluster that this file's tests see. */
export const e2eRuntime: ClusterRuntime = process.env['PODLING_E2E_RUNTIME'] === 'cri' ? 'cri' : 'native';

/**
 * Each runtime has a cluster of its own, and where files that disturb theirs run beside each other, so has each worker,
 * which count from 1. Two runs at once on one machine need a name each.
 */
export function clusterNameOf(runtime: ClusterRuntime, worker = 1): string {
  const name = process.env['PODLING_E2E_CLUSTER'] ?? 'e2e';
  return [name, ...(runtime === 'native' ? [] : [runtime]), ...(worker === 1 ? [] : [worker])].join('-');
}

const worker = Number(process.env['PODLING_FAULT_CLUSTERS'] ?? 1) > 1 ? Number(process.env['VITEST_POOL_ID']) : 1;

export const e2eClusterName = clusterNameOf(e2eRuntime, worker);

/** A file of `examples/`, from whichever folder the tests run. */
export const example = (name: string): string => join(import.meta.dirname, '../../examples', name);

/**
 * The cluster that `e2e-setup.ts` has brought up, as a world to look at. Files of `test/e2e` run beside each other:
 * each names a namespace of its own, opened and closed by `openNamespace` and `closeNamespace`.
 */
export const e2eWorld = (namespace?: string): World => openWorld(openCluster(e2eClusterName), namespace);

export async function openNamespace({ client, namespace }: World): Promise<void> {
  await client.namespaces().create({ metadata: { name: namespace } });
  const hasAccount = (): Promise<boolean> => client.serviceAccounts(namespace).get('default').then(() => true, () => false);
  await waitUntil(`the service account of ${namespace}`, hasAccount, { timeoutMs: 30_000 });
}

/** Deletes the namespace with all that is in it, waits until it is gone, and closes the client. */
export async function closeNamespace({ client, namespace }: World): Promise<void> {
  await client.namespaces().delete(namespace);
  await waitUntil(`namespace ${namespace} to be gone`, () => client.namespaces().get(namespace).then(() => false, () => true), { timeoutMs: 120_000 });
  await client.close();
}

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

/** Deletes all pods of the world's namespace and waits until they are gone. */
/** What Events say of a pod until now; they follow what they tell of within a second or two, in its order. */
export async function eventsOf({ client, namespace }: World, pod: string, reason: string): Promise<string[]> {
  const { items } = await client.events(namespace).list({ fieldSelector: `involvedObject.name=${pod},reason=${reason}` });
  return items.map(({ message = '' }) => message);
}

/** For what a test expects to be told: `expect.poll(() => eventsOf(…), soon)`. */
export const soon = { timeout: 30_000 };

export const deletePods = (world: World): Promise<string> => mustSucceed(world.kubectl, ['delete', 'pods', '--all', '--timeout', '120s']);
