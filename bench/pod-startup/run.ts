import { circumstances, onBenchNode } from '../bench-node.ts';
import type { BenchNode } from '../bench-node.ts';
import { ByHand } from '../by-hand.ts';
import { quantile, summary } from '../quantile.ts';
import { runtimeOption } from '../runtime-option.ts';
import { sleepingPod } from '../sleeping-pod.ts';

interface Sample {
  totalMs: number;
  scheduledMs: number;
}

async function startOne({ world, watch }: BenchNode, name: string): Promise<Sample> {
  const pods = world.client.pods('default');
  const startedAt = performance.now();
  const seen = Promise.all([watch.scheduled(name), watch.running(name)]);
  await pods.create(sleepingPod(name));
  const [scheduledAt, runningAt] = await seen;
  const gone = watch.gone(name);
  await pods.delete(name, { gracePeriodSeconds: 1 });
  await gone;
  return { totalMs: runningAt - startedAt, scheduledMs: scheduledAt - startedAt };
}

/** Measures pod start-up beside the same work done by hand, in one run. */
export function run(args: string[]): Promise<unknown> {
  const { runtime, rest: [count = '30'] } = runtimeOption(args);
  return onBenchNode(async (bench) => ({ runtime, ...(await measure(bench, Number(count))) }), runtime);
}

async function measure(bench: BenchNode, count: number): Promise<object> {
  const byHand = new ByHand(bench.node);
  const samples: Sample[] = [];
  await startOne(bench, 'warm-up');
  await byHand.measure('warm-up');
  byHand.forget();
  for (let index = 0; index < count; index += 1) {
    samples.push(await startOne(bench, `pod-${index}`));
    await byHand.measure(`hand-${index}`);
  }
  return report(samples, byHand);
}

function report(samples: Sample[], byHand: ByHand): object {
  const total = samples.map(({ totalMs }) => totalMs);
  const scheduled = samples.map(({ scheduledMs }) => scheduledMs);
  const sum = byHand.sumMs();
  return {
    benchmark: 'pod-startup',
    ...circumstances(),
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
