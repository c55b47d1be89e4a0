import { describe, expect, it } from 'vitest';
import { taskMetrics } from './task-metrics.ts';

describe('metrics of a task', () => {
  it('are read from cgroup v1', () => {
    const metrics = taskMetrics({
      pids: { current: '3', limit: '0' },
      cpu: { usage: { total: '100', user: '60', kernel: '40' }, throttling: { periods: '5', throttledPeriods: '2', throttledTime: '7' } },
      memory: { cache: '10', totalRss: '20', totalInactiveFile: '5', usage: { usage: '30', limit: '9223372036854771712' }, swap: { usage: '34' } },
    });
    expect(metrics).toMatchObject({ cpuNanoseconds: 100n, cpuThrottledPeriods: 2, memoryUsageBytes: 30, memoryLimitBytes: undefined, swapUsageBytes: 4, pids: 3, pidsLimit: undefined });
  });

  it('are read from cgroup v2', () => {
    const metrics = taskMetrics({
      pids: { current: '3', limit: '10' },
      cpu: { usageUsec: '100', userUsec: '60', systemUsec: '40', nrPeriods: '5', nrThrottled: '2', throttledUsec: '7' },
      memory: { anon: '20', file: '10', inactiveFile: '5', usage: '30', usageLimit: '64', swapUsage: '4' },
    });
    expect(metrics).toMatchObject({ cpuNanoseconds: 100_000n, cpuThrottledNanoseconds: 7_000n, memoryLimitBytes: 64, memoryRssBytes: 20, swapUsageBytes: 4, pidsLimit: 10 });
  });
});
