import { cpus } from 'node:os';
import { openCluster } from '@podling/deploy/local';
import type { ClusterNode, ClusterRuntime } from '@podling/deploy/local';
import { openWorld } from '@podling/deploy/observe';
import type { World } from '@podling/deploy/observe';
import { PodWatch } from './pod-watch.ts';

/** A one-node cluster of its own, nothing on it yet. */
export interface BenchNode {
  world: World;
  node: ClusterNode;
  watch: PodWatch;
}

export async function onBenchNode<T>(measure: (bench: BenchNode) => Promise<T>, runtime: ClusterRuntime = 'native'): Promise<T> {
  const cluster = openCluster('bench');
  await cluster.down({ purge: true });
  try {
    await cluster.up({ nodes: 1, runtime });
    const world = openWorld(cluster);
    const [node] = cluster.nodes;
    if (!node) throw new Error('the cluster has no node');
    const watch = await PodWatch.open(world.client);
    try {
      return await measure({ world, node, watch });
    } finally {
      watch.close();
      await world.client.close();
    }
  } finally {
    await cluster.down({ purge: true });
  }
}

/** What a result says of where it was taken. */
export const circumstances = (): { date: string; machine: string } => ({
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
});
