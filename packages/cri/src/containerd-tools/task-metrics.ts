/** What a task uses, from cgroup v1 or v2. Bytes and nanoseconds; undefined where it is not counted or not limited. */
export interface TaskMetrics {
  cpuNanoseconds: bigint;
  cpuUserNanoseconds: bigint;
  cpuSystemNanoseconds: bigint;
  cpuPeriods: number;
  cpuThrottledPeriods: number;
  cpuThrottledNanoseconds: bigint;
  memoryUsageBytes: number;
  memoryLimitBytes: number | undefined;
  memoryCacheBytes: number;
  memoryRssBytes: number;
  memoryInactiveFileBytes: number;
  swapUsageBytes: number | undefined;
  pids: number;
  pidsLimit: number | undefined;
}

interface Version1 {
  pids: { current: string; limit: string } | null;
  cpu: { usage: { total: string; kernel: string; user: string } | null; throttling: { periods: string; throttledPeriods: string; throttledTime: string } | null } | null;
  memory: { cache: string; totalRss: string; totalInactiveFile: string; usage: { limit: string; usage: string } | null; swap: { usage: string } | null } | null;
}

interface Version2 {
  pids: { current: string; limit: string } | null;
  cpu: { usageUsec: string; userUsec: string; systemUsec: string; nrPeriods: string; nrThrottled: string; throttledUsec: string } | null;
  memory: { anon: string; file: string; inactiveFile: string; usage: string; usageLimit: string; swapUsage: string } | null;
}

/** Reads the message that containerd's shim sends. */
export function taskMetrics(message: Version1 | Version2): TaskMetrics {
  return isVersion2(message) ? ofVersion2(message) : ofVersion1(message);
}

function isVersion2(message: Version1 | Version2): message is Version2 {
  return message.cpu !== null && 'usageUsec' in message.cpu;
}

function ofVersion1({ pids, cpu, memory }: Version1): TaskMetrics {
  const { usage, throttling } = cpu ?? { usage: null, throttling: null };
  return {
    cpuNanoseconds: BigInt(usage?.total ?? 0), cpuUserNanoseconds: BigInt(usage?.user ?? 0), cpuSystemNanoseconds: BigInt(usage?.kernel ?? 0),
    cpuPeriods: Number(throttling?.periods ?? 0), cpuThrottledPeriods: Number(throttling?.throttledPeriods ?? 0), cpuThrottledNanoseconds: BigInt(throttling?.throttledTime ?? 0),
    memoryUsageBytes: Number(memory?.usage?.usage ?? 0), memoryLimitBytes: limit(memory?.usage?.limit), memoryCacheBytes: Number(memory?.cache ?? 0),
    memoryRssBytes: Number(memory?.totalRss ?? 0), memoryInactiveFileBytes: Number(memory?.totalInactiveFile ?? 0),
    swapUsageBytes: memory?.swap ? Math.max(0, Number(memory.swap.usage) - Number(memory.usage?.usage ?? 0)) : undefined,
    pids: Number(pids?.current ?? 0), pidsLimit: limit(pids?.limit),
  };
}

function ofVersion2({ pids, cpu, memory }: Version2): TaskMetrics {
  const nanoseconds = (microseconds: string | undefined): bigint => BigInt(microseconds ?? 0) * 1000n;
  return {
    cpuNanoseconds: nanoseconds(cpu?.usageUsec), cpuUserNanoseconds: nanoseconds(cpu?.userUsec), cpuSystemNanoseconds: nanoseconds(cpu?.systemUsec),
    cpuPeriods: Number(cpu?.nrPeriods ?? 0), cpuThrottledPeriods: Number(cpu?.nrThrottled ?? 0), cpuThrottledNanoseconds: nanoseconds(cpu?.throttledUsec),
    memoryUsageBytes: Number(memory?.usage ?? 0), memoryLimitBytes: limit(memory?.usageLimit), memoryCacheBytes: Number(memory?.file ?? 0),
    memoryRssBytes: Number(memory?.anon ?? 0), memoryInactiveFileBytes: Number(memory?.inactiveFile ?? 0), swapUsageBytes: Number(memory?.swapUsage ?? 0),
    pids: Number(pids?.current ?? 0), pidsLimit: limit(pids?.limit),
  };
}

/** What no machine has is no limit. */
const UNLIMITED = 2 ** 60;

function limit(text: string | undefined): number | undefined {
  const value = Number(text ?? 0);
  return value === 0 || value >= UNLIMITED ? undefined : value;
}
