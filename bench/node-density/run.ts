import { setTimeout as delay } from 'node:timers/promises';
import { circumstances, onBenchNode } from '../bench-node.ts';
import type { BenchNode } from '../bench-node.ts';
import { ByHand } from '../by-hand.ts';
import { quantile, summary } from '../quantile.ts';
import { sleepingPod } from '../sleeping-pod.ts';
import { usageOf } from './process-usage.ts';
import type { Usage } from './process-usage.ts';

const perSecond = 5;
const handRuns = 5;
const settleMs = 5_000;
const measured = ['kubelet/node-1', 'containerd/node-1', 'apiserver', 'etcd'];

/** Measures a node that fills up and is emptied at once, beside one pod by hand on the empty node of the same run. */
export function run([count = '100']: string[]): Promise<unknown> {
  return onBenchNode((bench) => measure(bench, Number(count)));
}

async function measure(bench: BenchNode, count: number): Promise<unknown> {
  const byHand = new ByHand(bench.node);
  await byHand.measure('warm-up');
  byHand.forget();
  for (let index = 0; index < handRuns; index += 1) await byHand.measure(`hand-${index}`);
  await fill(bench, ['warm-up']);
  await empty(bench, ['warm-up']);
  const names = Array.from({ length: count }, (_, index) => `pod-${index}`);
  const before = usages(bench);
  const times = await fill(bench, names);
  await delay(settleMs);
  const full = usages(bench);
  await delay(settleMs);
  const idle = usages(bench);
  const deletedMs = await empty(bench, names);
  return {
    benchmark: 'node-density',
    ...circumstances(),
    podsPerSecond: perSecond,
    podling: summary(times),
    byHand: { ...byHand.medians(), sum: Math.round(byHand.sumMs()) },
    ratio: Number((quantile(times, 0.5) / byHand.sumMs()).toFixed(3)),
    p99OverP50: Number((quantile(times, 0.99) / quantile(times, 0.5)).toFixed(2)),
    deleteAllMs: Math.round(deletedMs),
    processes: Object.fromEntries(measured.map((name) => [name, perPod(name, { before, full, idle }, count)])),
  };
}

/** Milliseconds from each POST to Running on the watch. */
async function fill({ world, watch }: BenchNode, names: readonly string[]): Promise<number[]> {
  const pods = world.client.pods('default');
  const startedAt = performance.now();
  return Promise.all(
    names.map(async (name, index) => {
      await delay(Math.max(0, startedAt + (index * 1000) / perSecond - performance.now()));
      const postedAt = performance.now();
      const running = watch.running(name);
      await pods.create(sleepingPod(name));
      return (await running) - postedAt;
    }),
  );
}

/** Milliseconds until the last of the pods is gone; all are deleted at once, with a process that ignores SIGTERM. */
async function empty({ world, watch }: BenchNode, names: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const gone = names.map((name) => watch.gone(name));
  await Promise.all(names.map((name) => world.client.pods('default').delete(name, { gracePeriodSeconds: 1 })));
  return Math.max(...(await Promise.all(gone))) - startedAt;
}

type Usages = Record<string, Usage>;

const usages = ({ world }: BenchNode): Usages =>
  Object.fromEntries(measured.map((name) => [name, usageOf(world.cluster.process(name).pid)]));

function perPod(name: string, { before, full, idle }: Record<'before' | 'full' | 'idle', Usages>, count: number): object {
  const [empty, filled, later] = [before[name], full[name], idle[name]];
  if (!empty || !filled || !later) throw new Error(`${name} was not measured`);
  return {
    cpuMsPerPod: Math.round((filled.cpuMs - empty.cpuMs) / count),
    rssMb: Math.round(filled.rssMb),
    rssKbPerPod: Math.round(((filled.rssMb - empty.rssMb) * 1024) / count),
    idleCores: Number(((later.cpuMs - filled.cpuMs) / settleMs).toFixed(3)),
  };
}
