import { cpus } from 'node:os';
import { openCluster } from '@podling/deploy/local';
import { openWorld } from '@podling/deploy/observe';
import type { World } from '@podling/deploy/observe';
import { quantile, summary } from '../quantile.ts';
import { ByHand } from './by-hand.ts';
import { PodWatch } from './pod-watch.ts';

interface Sample {
  totalMs: number;
  scheduledMs: number;
}

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: 'podling.local/toolbox:1', command: ['sleep', '1000'] }],
  },
});

async function startOne(world: World, watch: PodWatch, name: string): Promise<Sample> {
  const pods = world.client.pods('default');
  const startedAt = performance.now();
  const seen = watch.expect(name);
  await pods.create(pod(name));
  const { scheduledAt, runningAt } = await seen;
  const gone = watch.gone(name);
  await pods.delete(name, { gracePeriodSeconds: 1 });
  await gone;
  return { totalMs: runningAt - startedAt, scheduledMs: scheduledAt - startedAt };
}

/** Measures pod start-up beside the same work done by hand, in one run. */
export async function run([count = '30']: string[]): Promise<unknown> {
  const cluster = openCluster('bench');
  await cluster.down({ purge: true });
  try {
    await cluster.up({ nodes: 1 });
    return await measure(openWorld(cluster), Number(count));
  } finally {
    await cluster.down({ purge: true });
  }
}

async function measure(world: World, count: number): Promise<unknown> {
  const [node] = world.cluster.nodes;
  if (!node) throw new Error('the cluster has no node');
  const byHand = new ByHand(node);
  const watch = await PodWatch.open(world.client);
  const samples: Sample[] = [];
  try {
    await startOne(world, watch, 'warm-up');
    await byHand.measure('warm-up');
    byHand.forget();
    for (let index = 0; index < count; index += 1) {
      samples.push(await startOne(world, watch, `pod-${index}`));
      await byHand.measure(`hand-${index}`);
    }
  } finally {
    watch.close();
    await world.client.close();
  }
  return report(samples, byHand);
}

function report(samples: Sample[], byHand: ByHand): unknown {
  const total = samples.map(({ totalMs }) => totalMs);
  const scheduled = samples.map(({ scheduledMs }) => scheduledMs);
  const sum = byHand.sumMs();
  return {
    benchmark: 'pod-startup',
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
    podling: summary(total),
    byHand: { ...byHand.medians(), sum: Math.round(sum) },
    ratio: Number((quantile(total, 0.5) / sum).toFixed(3)),
    p99OverP50: Number((quantile(total, 0.99) / quantile(total, 0.5)).toFixed(2)),
    stages: {
      scheduled: Math.round(quantile(scheduled, 0.5)),
      running: Math.round(quantile(samples.map((s) => s.totalMs - s.scheduledMs), 0.5)),
    },
  };
}
