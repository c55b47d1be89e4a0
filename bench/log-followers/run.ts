import { setTimeout as delay } from 'node:timers/promises';
import { circumstances, onBenchNode } from '../bench-node.ts';
import type { BenchNode } from '../bench-node.ts';
import { usageOf } from '../node-density/process-usage.ts';
import { sleepingPod } from '../sleeping-pod.ts';

const measuredMs = 10_000;
const settleMs = 2_000;
/** About fifty lines of 100 bytes a second. */
const writing = 'x=$(head -c 95 /dev/zero | tr "\\0" x); while true; do echo $x; sleep 0.02; done';
const pods = { silent: 'sleep 1000', writer: writing } as const;
type PodName = keyof typeof pods;

interface Cost {
  followers: number;
  /** Processor time per second. */
  kubeletCpuMs: number;
  apiserverCpuMs: number;
  /** That one follower was given per second. */
  lines: number;
}

/** Measures what followers of one log cost the kubelet and the apiserver. */
export function run([count = '100']: string[]): Promise<unknown> {
  return onBenchNode((bench) => measure(bench, Number(count)));
}

async function measure(bench: BenchNode, count: number): Promise<unknown> {
  for (const [name, script] of Object.entries(pods)) {
    const pod = sleepingPod(name);
    const containers = pod.spec.containers.map((container) => ({ ...container, command: ['sh', '-c', script] }));
    const running = bench.watch.running(name);
    await bench.world.client.pods('default').create({ ...pod, spec: { ...pod.spec, containers } });
    await running;
  }
  const none = await cost(bench, 'writer', 0);
  const one = await cost(bench, 'writer', 1);
  const many = await cost(bench, 'writer', count);
  const idle = await cost(bench, 'silent', count);
  const above = (what: 'kubeletCpuMs' | 'apiserverCpuMs'): number => Number(((many[what] - none[what]) / Math.max(one[what] - none[what], 1)).toFixed(1));
  return { benchmark: 'log-followers', ...circumstances(), none, one, many, idle, ratio: above('kubeletCpuMs'), ratios: { kubelet: above('kubeletCpuMs'), apiserver: above('apiserverCpuMs') } };
}

async function cost({ world, node }: BenchNode, pod: PodName, followers: number): Promise<Cost> {
  const gone = new AbortController();
  const counts = Array.from({ length: followers }, () => 0);
  const path = `/api/v1/namespaces/default/pods/${pod}/log`;
  const follow = async (index: number): Promise<void> => {
    const body = await world.client.rest.stream({ path, query: { follow: true, tailLines: 0 }, accept: '*/*', timeoutMs: 0, signal: gone.signal });
    for await (const chunk of body) counts[index] = (counts[index] ?? 0) + Buffer.from(chunk).toString('latin1').split('\n').length - 1;
  };
  const following = counts.map((_, index) => follow(index).catch(() => undefined));
  await delay(settleMs);
  const processes = [`kubelet/${node.name}`, 'apiserver'];
  const now = (): number[] => processes.map((name) => usageOf(world.cluster.process(name).pid).cpuMs);
  const [before, linesBefore] = [now(), counts[0] ?? 0];
  await delay(measuredMs);
  const perSecond = (total: number): number => Number((total / (measuredMs / 1000)).toFixed(1));
  const [kubeletCpuMs = 0, apiserverCpuMs = 0] = now().map((used, index) => perSecond(used - (before[index] ?? 0)));
  const lines = perSecond((counts[0] ?? 0) - linesBefore);
  gone.abort(new Error('measured'));
  await Promise.all(following);
  return { followers, kubeletCpuMs, apiserverCpuMs, lines };
}
