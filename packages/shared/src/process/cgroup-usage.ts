import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the processes of a cgroup, and of those below it, use. Nanoseconds and bytes. */
export interface CgroupUsage {
  cpuNanoSeconds: bigint;
  memoryUsageBytes: number;
  /** Usage less inactive file cache. */
  memoryWorkingSetBytes: number;
  memoryRssBytes: number;
  memoryCacheBytes: number;
  memoryMappedFileBytes: number;
  /** Undefined without a limit of its own. */
  memoryLimitBytes?: number;
  pageFaults: number;
  majorPageFaults: number;
  /** Undefined where swap is not counted. */
  swapBytes?: number;
  /** Threads included. Undefined where they are not counted. */
  taskCount?: number;
}

/** What is asked for less often. */
export interface CgroupDetails {
  cpuUserNanoSeconds: number;
  cpuSystemNanoSeconds: number;
  cfsPeriods: number;
  cfsThrottledPeriods: number;
  cfsThrottledNanoSeconds: number;
  /** Undefined without a quota. */
  cpuQuotaMicroSeconds?: number;
  cpuPeriodMicroSeconds: number;
  cpuShares: number;
  /** Undefined where the kernel does not keep it. */
  memoryMaxUsageBytes?: number;
  /** How often the limit was hit. */
  memoryFailures: number;
  /** How often a process was killed for want of memory. */
  oomKills: number;
  /** Of swap alone. Undefined without a limit. */
  swapLimitBytes?: number;
  taskLimit?: number;
  /** Of the cgroup itself, without those below it. */
  pids: number[];
}

/** Where cgroups are mounted, unless a test says otherwise. */
const systemMount = '/sys/fs/cgroup';
/** USER_HZ is 100 on every architecture we run on. */
const nanoSecondsPerTick = 10_000_000;
/** What the kernel shows for "no limit" is near 2^63, rounded to pages. */
const unlimitedFrom = 2 ** 62;

/** cgroup v2 alone, and not beside v1. */
export function isUnifiedCgroup(mount = systemMount): boolean {
  return existsSync(join(mount, 'cgroup.controllers'));
}

/**
 * Reads the cgroup at `path` below the mount, v1 or v2; undefined when it is gone. At once: the files are the kernel's
 * memory, and a read of them costs a fraction of a turn through the thread pool.
 */
export function readCgroupUsage(path: string, mount = systemMount): CgroupUsage | undefined {
  return unlessGone(() => (isUnifiedCgroup(mount) ? unifiedUsage(join(mount, path)) : legacyUsage(path, mount)));
}

/** As `readCgroupUsage`. */
export function readCgroupDetails(path: string, mount = systemMount): CgroupDetails | undefined {
  return unlessGone(() => (isUnifiedCgroup(mount) ? unifiedDetails(join(mount, path)) : legacyDetails(path, mount)));
}

function legacyUsage(path: string, mount: string): CgroupUsage {
  const usage = readNumber(join(mount, 'memory', path, 'memory.usage_in_bytes'));
  const stat = readFields(join(mount, 'memory', path, 'memory.stat'));
  return {
    cpuNanoSeconds: BigInt(readFileSync(join(mount, 'cpuacct', path, 'cpuacct.usage'), 'utf8').trim()),
    ...memoryOf(usage, stat, { inactive: 'total_inactive_file', rss: 'total_rss', cache: 'total_cache', mapped: 'total_mapped_file', faults: 'total_pgfault', major: 'total_pgmajfault' }),
    ...limited('memoryLimitBytes', join(mount, 'memory', path, 'memory.limit_in_bytes')),
    ...(stat.has('total_swap') ? { swapBytes: Number(stat.get('total_swap')) } : {}),
    ...present('taskCount', join(mount, 'pids', path, 'pids.current')),
  };
}

function unifiedUsage(folder: string): CgroupUsage {
  const usage = readNumber(join(folder, 'memory.current'));
  return {
    cpuNanoSeconds: (readFields(join(folder, 'cpu.stat')).get('usage_usec') ?? 0n) * 1000n,
    ...memoryOf(usage, readFields(join(folder, 'memory.stat')), { inactive: 'inactive_file', rss: 'anon', cache: 'file', mapped: 'file_mapped', faults: 'pgfault', major: 'pgmajfault' }),
    ...limited('memoryLimitBytes', join(folder, 'memory.max')),
    ...present('swapBytes', join(folder, 'memory.swap.current')),
    ...present('taskCount', join(folder, 'pids.current')),
  };
}

type MemoryNames = Record<'inactive' | 'rss' | 'cache' | 'mapped' | 'faults' | 'major', string>;

function memoryOf(usage: number, stat: ReadonlyMap<string, bigint>, names: MemoryNames) {
  const value = (name: string): number => Number(stat.get(name) ?? 0n);
  return {
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: Math.max(0, usage - value(names.inactive)),
    memoryRssBytes: value(names.rss),
    memoryCacheBytes: value(names.cache),
    memoryMappedFileBytes: value(names.mapped),
    pageFaults: value(names.faults),
    majorPageFaults: value(names.major),
  };
}

function legacyDetails(path: string, mount: string): CgroupDetails {
  const file = (controller: string, name: string): string => join(mount, controller, path, `${controller}.${name}`);
  const ticks = readFields(file('cpuacct', 'stat'));
  const cfs = optionalFields(file('cpu', 'stat'));
  const field = (name: string): number => Number(cfs.get(name) ?? 0n);
  const [swap, memory] = [optional(file('memory', 'memsw.limit_in_bytes')), optional(file('memory', 'limit_in_bytes'))];
  return {
    cpuUserNanoSeconds: Number(ticks.get('user') ?? 0n) * nanoSecondsPerTick,
    cpuSystemNanoSeconds: Number(ticks.get('system') ?? 0n) * nanoSecondsPerTick,
    cfsPeriods: field('nr_periods'),
    cfsThrottledPeriods: field('nr_throttled'),
    cfsThrottledNanoSeconds: field('throttled_time'),
    ...limited('cpuQuotaMicroSeconds', file('cpu', 'cfs_quota_us')),
    cpuPeriodMicroSeconds: optional(file('cpu', 'cfs_period_us')) ?? 0,
    cpuShares: optional(file('cpu', 'shares')) ?? 0,
    ...present('memoryMaxUsageBytes', file('memory', 'max_usage_in_bytes')),
    memoryFailures: optional(file('memory', 'failcnt')) ?? 0,
    oomKills: Number(readFields(file('memory', 'oom_control')).get('oom_kill') ?? 0n),
    ...(swap !== undefined && memory !== undefined && swap < unlimitedFrom ? { swapLimitBytes: swap - memory } : {}),
    ...limited('taskLimit', file('pids', 'max')),
    pids: readPids(join(mount, 'memory', path, 'cgroup.procs')),
  };
}

function unifiedDetails(folder: string): CgroupDetails {
  const file = (name: string): string => join(folder, name);
  const cpu = readFields(file('cpu.stat'));
  const events = optionalFields(file('memory.events'));
  const field = (name: string): number => Number(cpu.get(name) ?? 0n);
  const [quota, period] = (optionalText(file('cpu.max')) ?? 'max 100000').split(' ');
  return {
    cpuUserNanoSeconds: field('user_usec') * 1000,
    cpuSystemNanoSeconds: field('system_usec') * 1000,
    cfsPeriods: field('nr_periods'),
    cfsThrottledPeriods: field('nr_throttled'),
    cfsThrottledNanoSeconds: field('throttled_usec') * 1000,
    ...(quota === 'max' ? {} : { cpuQuotaMicroSeconds: Number(quota) }),
    cpuPeriodMicroSeconds: Number(period),
    cpuShares: sharesOfWeight(optional(file('cpu.weight')) ?? 100),
    ...present('memoryMaxUsageBytes', file('memory.peak')),
    memoryFailures: Number(events.get('max') ?? 0n),
    oomKills: Number(events.get('oom_kill') ?? 0n),
    ...limited('swapLimitBytes', file('memory.swap.max')),
    ...limited('taskLimit', file('pids.max')),
    pids: readPids(file('cgroup.procs')),
  };
}

/** The way back from 1…10000 to 2…262144. */
function sharesOfWeight(weight: number): number {
  return Math.round(2 + ((weight - 1) * 262_142) / 9_999);
}

/** The key with the limit in the file, unless there is none. */
function limited<K extends string>(key: K, path: string): { [P in K]?: number } {
  const limit = optional(path);
  return limit === undefined || limit < 0 || limit >= unlimitedFrom ? {} : ({ [key]: limit } as { [P in K]?: number });
}

function present<K extends string>(key: K, path: string): { [P in K]?: number } {
  const value = optional(path);
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: number });
}

function readNumber(path: string): number {
  return Number(readFileSync(path, 'utf8'));
}

function readPids(path: string): number[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean).map(Number);
}

/** `max` is Infinity. A file that the kernel does not have, or does not let be read, is undefined. */
function optional(path: string): number | undefined {
  const text = optionalText(path);
  return text === undefined ? undefined : text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
}

function optionalText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function readFields(path: string): Map<string, bigint> {
  return fieldsOf(readFileSync(path, 'utf8'));
}

function optionalFields(path: string): Map<string, bigint> {
  return fieldsOf(optionalText(path) ?? '');
}

function fieldsOf(text: string): Map<string, bigint> {
  return new Map(text.split('\n').flatMap((line) => {
    const [, name, value] = /^(\S+) (\d+)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, BigInt(value ?? 0)] as const];
  }));
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A cgroup that is removed while its file is open answers ENODEV.
    if (code === 'ENOENT' || code === 'ENODEV') return undefined;
    throw error;
  }
}
