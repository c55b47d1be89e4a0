import { setTimeout as delay } from 'node:timers/promises';
import { circumstances, onBenchNode } from '../bench-node.ts';
import type { BenchNode } from '../bench-node.ts';
import { usageOf } from '../node-density/process-usage.ts';
import { summary } from '../quantile.ts';
import { sleepingPod } from '../sleeping-pod.ts';
import { PlainReading } from './plain-reading.ts';

const scrapes = 50;
/** Of metrics.k8s.io, many within one of its intervals. */
const asks = 200;
const endpoints = ['stats/summary', 'stats/summary?only_cpu_and_memory=true', 'metrics/resource', 'metrics/cadvisor'];
/** Layers and volumes are measured behind the first scrape. */
const settleMs = 12_000;

/** Measures scrapes of a node full of pods, beside a plain reading of the same cgroups' files. */
export function run([count = '100']: string[]): Promise<unknown> {
  return onBenchNode((bench) => measure(bench, Number(count)));
}

async function measure(bench: BenchNode, count: number): Promise<unknown> {
  await fill(bench, count);
  await scrape(bench, 'stats/summary');
  await delay(settleMs);
  const plain = new PlainReading();
  const plainCpuMs = await plain.cpuMs(scrapes);
  const results: Record<string, EndpointCost> = {};
  for (const endpoint of endpoints) results[endpoint] = await cost(bench, endpoint);
  const ratio = (endpoint: string): number => Number(((results[endpoint]?.kubeletCpuMs ?? 0) / plainCpuMs).toFixed(2));
  return {
    benchmark: 'stats-scrape',
    ...circumstances(),
    pods: count,
    plainReading: { files: plain.files.length, cpuMs: Number(plainCpuMs.toFixed(2)) },
    endpoints: results,
    podMetrics: await podMetricsCost(bench),
    ratio: ratio('metrics/resource'),
    ratios: Object.fromEntries(endpoints.map((endpoint) => [endpoint, ratio(endpoint)])),
  };
}

async function fill({ world, watch }: BenchNode, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `pod-${index}`);
  const running = names.map((name) => watch.running(name));
  for (const name of names) await world.client.pods('default').create(sleepingPod(name));
  await Promise.all(running);
}

interface EndpointCost {
  /** Of one scrape. */
  kubeletCpuMs: number;
  containerdCpuMs: number;
  bytes: number;
  /** From the request to the end of the answer, through the apiserver's proxy. */
  latencyMs: object;
}

async function cost(bench: BenchNode, endpoint: string): Promise<EndpointCost> {
  const cpu = (name: string): number => usageOf(bench.world.cluster.process(name).pid).cpuMs;
  const processes = ['kubelet/node-1', 'containerd/node-1'];
  const before = processes.map(cpu);
  const times: number[] = [];
  let bytes = 0;
  for (let index = 0; index < scrapes; index += 1) {
    const startedAt = performance.now();
    bytes = (await scrape(bench, endpoint)).length;
    times.push(performance.now() - startedAt);
  }
  const [kubelet = 0, containerd = 0] = processes.map((name, index) => (cpu(name) - (before[index] ?? 0)) / scrapes);
  return { kubeletCpuMs: Number(kubelet.toFixed(2)), containerdCpuMs: Number(containerd.toFixed(2)), bytes, latencyMs: summary(times) };
}

interface PodMetricsCost {
  /** Of the first question, which takes two readings a second apart. */
  firstMs: number;
  /** Of one of those that follow. */
  apiserverCpuMs: number;
  kubeletCpuMs: number;
  latencyMs: object;
}

/** What metrics.k8s.io costs that `kubectl top pods` reads. */
async function podMetricsCost({ world }: BenchNode): Promise<PodMetricsCost> {
  const cpu = (name: string): number => usageOf(world.cluster.process(name).pid).cpuMs;
  const ask = async (): Promise<number> => {
    const startedAt = performance.now();
    await world.client.rest.requestText({ path: '/apis/metrics.k8s.io/v1beta1/pods' });
    return performance.now() - startedAt;
  };
  const firstMs = Math.round(await ask());
  const processes = ['apiserver', 'kubelet/node-1'];
  const before = processes.map(cpu);
  const times: number[] = [];
  for (let index = 0; index < asks; index += 1) times.push(await ask());
  const [apiserverCpuMs = 0, kubeletCpuMs = 0] = processes.map((name, index) => Number(((cpu(name) - (before[index] ?? 0)) / asks).toFixed(2)));
  return { firstMs, apiserverCpuMs, kubeletCpuMs, latencyMs: summary(times) };
}

function scrape({ world, node }: BenchNode, endpoint: string): Promise<string> {
  const [path = '', query] = endpoint.split('?');
  return world.client.rest.requestText({ path: `/api/v1/nodes/${node.name}/proxy/${path}`, accept: '*/*', ...(query === undefined ? {} : { query: Object.fromEntries(new URLSearchParams(query)) }) });
}
