import { setTimeout as delay } from 'node:timers/promises';
import { containerOf, pidOf } from '@podling/deploy/observe';
import type { Pod } from '@podling/shared/api';
import { circumstances, onBenchNode } from '../bench-node.ts';
import type { BenchNode } from '../bench-node.ts';
import { quantile, summary } from '../quantile.ts';
import { runtimeOption } from '../runtime-option.ts';
import { sleepingPod } from '../sleeping-pod.ts';
import { ContainerdExits } from './containerd-exits.ts';

interface Sample {
  statusMs: number;
  nativeMs: number;
}

const perPod = 10;
const between = 250;
const keeper = 'keeper';

/** Measures how soon a watch shows that a container has ended, beside containerd's own event of it. */
export function run(args: string[]): Promise<unknown> {
  const { runtime, rest: [count = '40'] } = runtimeOption(args);
  return onBenchNode(async (bench) => {
    const exits = new ContainerdExits(bench.node);
    try {
      await killAll(bench, exits, 'warm-up', 1);
      const samples: Sample[] = [];
      while (samples.length < Number(count)) samples.push(...(await killAll(bench, exits, `pod-${samples.length}`, perPod)));
      return { runtime, ...report(samples) };
    } finally {
      exits.close();
    }
  }, runtime);
}

/** One pod whose containers are killed one after the other, but for one that keeps the pod from ending. */
async function killAll({ world, watch }: BenchNode, exits: ContainerdExits, name: string, count: number): Promise<Sample[]> {
  const pods = world.client.pods('default');
  const names = Array.from({ length: count }, (_, index) => `c${index}`);
  const started = watch.when((pod) => pod.metadata.name === name && isUp(pod, count + 1));
  await pods.create(sleepingPod(name, [...names, keeper]));
  await started;
  const pod = await pods.get(name);
  const samples: Sample[] = [];
  for (const container of names) {
    await delay(between);
    const pid = await pidOf(world, pod, container);
    const seen = Promise.all([
      watch.when((event) => event.metadata.name === name && containerOf(event, container).state?.terminated !== undefined),
      exits.of((containerOf(pod, container).containerID ?? '').replace('containerd://', '')),
    ]);
    const killedAt = performance.now();
    process.kill(pid, 'SIGKILL');
    const [statusAt, nativeAt] = await seen;
    samples.push({ statusMs: statusAt - killedAt, nativeMs: nativeAt - killedAt });
  }
  const gone = watch.gone(name);
  await pods.delete(name, { gracePeriodSeconds: 1 });
  await gone;
  return samples;
}

function isUp(pod: Pod, containers: number): boolean {
  return pod.status?.containerStatuses?.filter(({ state }) => state?.running !== undefined).length === containers;
}

function report(samples: Sample[]): object {
  const status = samples.map(({ statusMs }) => statusMs);
  const native = samples.map(({ nativeMs }) => nativeMs);
  return {
    benchmark: 'exit-to-status',
    ...circumstances(),
    podling: summary(status),
    nativeEvent: summary(native),
    ratio: Number((quantile(status, 0.5) / quantile(native, 0.5)).toFixed(1)),
    afterEvent: summary(samples.map(({ statusMs, nativeMs }) => statusMs - nativeMs)),
  };
}
