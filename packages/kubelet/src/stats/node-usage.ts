import { readFile } from 'node:fs/promises';
import { readNetworkUsage, type InterfaceUsage } from '@podling/shared/process';

/** What the whole machine uses. */
export interface NodeUsage {
  cpuNanoSeconds: bigint;
  memoryUsageBytes: number;
  /** Usage less inactive file cache. */
  memoryWorkingSetBytes: number;
  /** All there is, less the working set. */
  memoryAvailableBytes: number;
  memoryRssBytes: number;
  pageFaults: number;
  majorPageFaults: number;
  swapUsageBytes: number;
  swapAvailableBytes: number;
  bootTimeMs: number;
  /** Tasks, threads included. */
  taskCount: number;
  maxTaskCount: number;
  /** Those of the machine itself, not those that lead to pods. */
  interfaces: InterfaceUsage[];
}

/** The kernel's USER_HZ, fixed at 100 on every architecture we run on. */
const nanoSecondsPerTick = 10_000_000n;
/** The other ends of what pods have. */
const podInterfaces = /^(lo|veth|docker|nerdctl)/;

export async function readNodeUsage(): Promise<NodeUsage> {
  const files = ['stat', 'meminfo', 'vmstat', 'loadavg', 'sys/kernel/pid_max', 'sys/kernel/threads-max'];
  const texts = await Promise.all(files.map((file) => readFile(`/proc/${file}`, 'utf8')));
  const interfaces = (readNetworkUsage('self') ?? []).filter(({ name }) => !podInterfaces.test(name));
  return { ...parseNodeUsage(...(texts as [string, string, string, string, string, string])), interfaces };
}

export function parseNodeUsage(stat: string, meminfo: string, vmstat: string, loadavg: string, pidMax: string, threadsMax: string): Omit<NodeUsage, 'interfaces'> {
  const memory = (key: string): number => Number(new RegExp(`^${key.replaceAll(/[()]/g, '\\$&')}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) * 1024;
  const counter = (key: string): number => Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(vmstat)?.[1] ?? 0);
  const usage = memory('MemTotal') - memory('MemFree');
  const workingSet = Math.max(0, usage - memory('Inactive(file)'));
  return {
    cpuNanoSeconds: busyTicks(stat) * nanoSecondsPerTick,
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: workingSet,
    memoryAvailableBytes: memory('MemTotal') - workingSet,
    memoryRssBytes: memory('AnonPages'),
    pageFaults: counter('pgfault'),
    majorPageFaults: counter('pgmajfault'),
    swapUsageBytes: memory('SwapTotal') - memory('SwapFree'),
    swapAvailableBytes: memory('SwapFree'),
    bootTimeMs: Number(/^btime (\d+)$/m.exec(stat)?.[1] ?? 0) * 1000,
    taskCount: Number(loadavg.split(' ')[3]?.split('/')[1] ?? 0),
    maxTaskCount: Math.min(Number(pidMax), Number(threadsMax)),
  };
}

/** user nice system idle iowait irq softirq steal …: all but idle and iowait. */
function busyTicks(stat: string): bigint {
  const ticks = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(BigInt) ?? [];
  return ticks.slice(0, 8).reduce((sum, value, index) => (index === 3 || index === 4 ? sum : sum + value), 0n);
}
