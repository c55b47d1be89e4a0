import { setTimeout as delay } from 'node:timers/promises';
import type { Pod } from '@podling/shared/api';
import type { World } from './world.ts';

interface Summary {
  pods: { podRef: { name: string; uid: string }; containers: { name: string; cpu?: { time: string; usageCoreNanoSeconds?: number } }[] }[];
}

/** CPU of a pod's first container in percent of a core, over `overMs`: the delta of cumulative time over wall time. */
export async function cpuPercent(world: World, pod: Pod, overMs: number): Promise<number> {
  const first = await sample(world, pod);
  await delay(overMs);
  const second = await sample(world, pod);
  return ((second.nanoSeconds - first.nanoSeconds) / ((second.timeMs - first.timeMs) * 1e6)) * 100;
}

async function sample(world: World, pod: Pod): Promise<{ timeMs: number; nanoSeconds: number }> {
  const path = `/api/v1/nodes/${pod.spec.nodeName}/proxy/stats/summary`;
  const { pods } = await world.client.rest.request<Summary>({ path });
  const cpu = pods.find(({ podRef }) => podRef.uid === pod.metadata.uid)?.containers[0]?.cpu;
  if (cpu?.usageCoreNanoSeconds === undefined) throw new Error(`the kubelet of ${pod.spec.nodeName} has no CPU figure for ${pod.metadata.name}`);
  return { timeMs: Date.parse(cpu.time), nanoSeconds: cpu.usageCoreNanoSeconds };
}
