import { readFile } from 'node:fs/promises';

export interface NodeUsage {
  cpuNanoSeconds: bigint;
  memoryUsageBytes: number;
  memoryWorkingSetBytes: number;
  memoryAvailableBytes: number;
  bootTimeMs: number;
}

/** The kernel's USER_HZ, fixed at 100 on every architecture we run on. */
const nanoSecondsPerTick = 10_000_000n;

export async function readNodeUsage(): Promise<NodeUsage> {
  const [stat, meminfo] = await Promise.all([readFile('/proc/stat', 'utf8'), readFile('/proc/meminfo', 'utf8')]);
  return parseNodeUsage(stat, meminfo);
}

function parseNodeUsage(stat: string, meminfo: string): NodeUsage {
  const total = memory(meminfo, 'MemTotal');
  const available = memory(meminfo, 'MemAvailable');
  return {
    cpuNanoSeconds: busyTicks(stat) * nanoSecondsPerTick,
    memoryUsageBytes: total - memory(meminfo, 'MemFree'),
    memoryWorkingSetBytes: total - available,
    memoryAvailableBytes: available,
    bootTimeMs: Number(/^btime (\d+)$/m.exec(stat)?.[1] ?? 0) * 1000,
  };
}

/** user nice system idle iowait irq softirq steal …: all but idle and iowait. */
function busyTicks(stat: string): bigint {
  const ticks = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').map(BigInt) ?? [];
  return ticks.slice(0, 8).reduce((sum, value, index) => (index === 3 || index === 4 ? sum : sum + value), 0n);
}

function memory(meminfo: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) * 1024;
}
