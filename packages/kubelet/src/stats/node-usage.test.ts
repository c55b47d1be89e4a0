import { describe, expect, it } from 'vitest';
import { parseNodeUsage } from './node-usage.ts';

const stat = 'cpu  100 1 50 9000 70 2 3 4 0 0\ncpu0 1 1 1 1\nbtime 1700000000\n';
const meminfo = ['MemTotal: 1000', 'MemFree: 300', 'MemAvailable: 600', 'Inactive(file): 200', 'AnonPages: 150', 'SwapTotal: 90', 'SwapFree: 60'].map((line) => `${line} kB`).join('\n');

describe('parseNodeUsage', () => {
  it('counts the whole machine as Kubernetes does', () => {
    expect(parseNodeUsage(stat, meminfo, 'pgfault 7\npgmajfault 2\n', '1.36 3.49 4.53 2/3518 371508\n', '4194304\n', '1000\n')).toEqual({
      cpuNanoSeconds: 1_600_000_000n,
      memoryUsageBytes: 700 * 1024, memoryWorkingSetBytes: 500 * 1024, memoryAvailableBytes: 500 * 1024, memoryRssBytes: 150 * 1024,
      pageFaults: 7, majorPageFaults: 2, swapUsageBytes: 30 * 1024, swapAvailableBytes: 60 * 1024,
      bootTimeMs: 1_700_000_000_000, taskCount: 3518, maxTaskCount: 1000,
    });
  });
});
