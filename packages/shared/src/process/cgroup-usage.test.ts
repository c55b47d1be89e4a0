import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCgroupDetails, readCgroupUsage } from './cgroup-usage.ts';

let mount: string;
beforeEach(async () => {
  mount = await mkdtemp(join(tmpdir(), 'cgroup-'));
});
afterEach(() => rm(mount, { recursive: true }));

async function put(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(mount, name)), { recursive: true });
    await writeFile(join(mount, name), `${text}\n`);
  }
}

const path = '/pods/a';
const legacy = {
  'cpuacct/pods/a/cpuacct.usage': '9007199254740993',
  'cpuacct/pods/a/cpuacct.stat': 'user 12\nsystem 3',
  'cpu/pods/a/cpu.stat': 'nr_periods 10\nnr_throttled 4\nthrottled_time 5000',
  'cpu/pods/a/cpu.cfs_quota_us': '50000',
  'cpu/pods/a/cpu.cfs_period_us': '100000',
  'cpu/pods/a/cpu.shares': '512',
  'memory/pods/a/memory.usage_in_bytes': '1000',
  'memory/pods/a/memory.max_usage_in_bytes': '1500',
  'memory/pods/a/memory.limit_in_bytes': '4000',
  'memory/pods/a/memory.memsw.limit_in_bytes': '5000',
  'memory/pods/a/memory.failcnt': '2',
  'memory/pods/a/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1',
  'memory/pods/a/memory.stat': 'cache 1\nrss 1\ntotal_cache 600\ntotal_rss 300\ntotal_mapped_file 50\ntotal_swap 7\ntotal_pgfault 90\ntotal_pgmajfault 9\ntotal_inactive_file 400',
  'memory/pods/a/cgroup.procs': '11\n12',
  'pids/pods/a/pids.current': '5',
  'pids/pods/a/pids.max': 'max',
};
const unified = {
  'cgroup.controllers': 'cpu memory pids',
  'pods/a/cpu.stat': 'usage_usec 150\nuser_usec 100\nsystem_usec 50\nnr_periods 10\nnr_throttled 4\nthrottled_usec 5',
  'pods/a/cpu.max': '50000 100000',
  'pods/a/cpu.weight': '20',
  'pods/a/memory.current': '1000',
  'pods/a/memory.peak': '1500',
  'pods/a/memory.max': 'max',
  'pods/a/memory.swap.current': '7',
  'pods/a/memory.swap.max': '0',
  'pods/a/memory.events': 'low 0\nhigh 0\nmax 2\noom 1\noom_kill 1',
  'pods/a/memory.stat': 'anon 300\nfile 600\nfile_mapped 50\ninactive_file 400\npgfault 90\npgmajfault 9',
  'pods/a/cgroup.procs': '11\n12',
  'pods/a/pids.current': '5',
  'pods/a/pids.max': '100',
};
const memory = { memoryUsageBytes: 1000, memoryWorkingSetBytes: 600, memoryRssBytes: 300, memoryCacheBytes: 600, memoryMappedFileBytes: 50, pageFaults: 90, majorPageFaults: 9, swapBytes: 7, taskCount: 5 };
const details = { cfsPeriods: 10, cfsThrottledPeriods: 4, cfsThrottledNanoSeconds: 5_000, cpuQuotaMicroSeconds: 50_000, cpuPeriodMicroSeconds: 100_000, memoryMaxUsageBytes: 1500, memoryFailures: 2, oomKills: 1, pids: [11, 12] };

describe('readCgroupUsage', () => {
  it('has the same figures from either version of cgroups', async () => {
    await put(legacy);
    expect(readCgroupUsage(path, mount)).toEqual({ ...memory, cpuNanoSeconds: 9_007_199_254_740_993n, memoryLimitBytes: 4000 });
    expect(readCgroupDetails(path, mount)).toEqual({ ...details, cpuShares: 512, cpuUserNanoSeconds: 120_000_000, cpuSystemNanoSeconds: 30_000_000, swapLimitBytes: 1000 });
    await put(unified);
    expect(readCgroupUsage(path, mount)).toEqual({ ...memory, cpuNanoSeconds: 150_000n });
    expect(readCgroupDetails(path, mount)).toEqual({ ...details, cpuShares: 500, cpuUserNanoSeconds: 100_000, cpuSystemNanoSeconds: 50_000, swapLimitBytes: 0, taskLimit: 100 });
  });

  it('takes the largest number of v1, and -1, for no limit', async () => {
    await put({ ...legacy, 'memory/pods/a/memory.limit_in_bytes': '9223372036854771712', 'memory/pods/a/memory.memsw.limit_in_bytes': '9223372036854771712', 'cpu/pods/a/cpu.cfs_quota_us': '-1' });
    expect(readCgroupUsage(path, mount)).not.toHaveProperty('memoryLimitBytes');
    const read = readCgroupDetails(path, mount);
    expect([read, Object.keys(read ?? {}).filter((key) => /Limit|Quota/.test(key))]).toEqual([read, []]);
  });

  it('knows nothing of a cgroup that is gone', async () => {
    expect([readCgroupUsage(path, mount), readCgroupDetails(path, mount)]).toEqual([undefined, undefined]);
    await put(unified);
    expect([readCgroupUsage('/pods/b', mount), readCgroupDetails('/pods/b', mount)]).toEqual([undefined, undefined]);
  });
});
