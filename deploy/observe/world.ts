import { createClient, loadKubeconfig } from '@podling/shared/client';
import type { Client } from '@podling/shared/client';
import type { ContainerStatus, Pod } from '@podling/shared/api';
import { run } from '../exec.ts';
import { ctrArgs, ctrPath } from '../local/index.ts';
import type { Cluster, ClusterNode } from '../local/index.ts';
import { waitUntil } from '../wait-until.ts';
import { kubectlFor } from './kubectl.ts';
import type { Kubectl } from './kubectl.ts';

/** What the demo's checks look at: a running cluster, and a person's and a program's way to ask it. */
export interface World {
  cluster: Cluster;
  /** Where its pods are; kubectl's too, unless told otherwise. */
  namespace: string;
  kubectl: Kubectl;
  client: Client;
}

export function openWorld(cluster: Cluster, namespace = 'default'): World {
  return { cluster, namespace, kubectl: kubectlFor(cluster.kubeconfigPath, namespace), client: createClient(loadKubeconfig(cluster.kubeconfigPath)) };
}

/** Waits until a pod of the world's namespace satisfies `look`. */
export function podUntil(world: World, name: string, what: string, look: (pod: Pod) => boolean, seconds = 60): Promise<Pod> {
  return waitUntil(
    `pod ${name}: ${what}`,
    async () => {
      const pod = await world.client.pods(world.namespace).get(name);
      return look(pod) && pod;
    },
    { timeoutMs: seconds * 1000 },
  );
}

export const isRunning = (pod: Pod): boolean =>
  pod.status?.phase === 'Running' && (pod.status.containerStatuses ?? []).every((status) => status.state?.running !== undefined);

export function containerOf(pod: Pod, name?: string): ContainerStatus {
  const statuses = pod.status?.containerStatuses ?? [];
  const found = name === undefined ? statuses[0] : statuses.find((status) => status.name === name);
  if (!found) throw new Error(`pod ${pod.metadata.name} has no status of container ${name ?? '0'}`);
  return found;
}

export function nodeOf(world: World, pod: Pod): ClusterNode {
  const node = world.cluster.nodes.find(({ name }) => name === pod.spec.nodeName);
  if (!node) throw new Error(`pod ${pod.metadata.name} is on node ${pod.spec.nodeName ?? 'none'}, which the cluster does not have`);
  return node;
}

/** The PID of a pod's container on this machine, as containerd says. */
export async function pidOf(world: World, pod: Pod, container?: string): Promise<number> {
  const id = (containerOf(pod, container).containerID ?? '').replace('containerd://', '');
  const table = await run(ctrPath(), [...ctrArgs(nodeOf(world, pod)), 'tasks', 'ls']);
  const row = table.split('\n').map((line) => line.trim().split(/\s+/)).find(([task]) => task === id);
  const pid = Number(row?.[1]);
  if (!Number.isInteger(pid)) throw new Error(`containerd of ${pod.spec.nodeName} has no task ${id}`);
  return pid;
}
