import { describe, expect, it } from 'vitest';
import { resourcesUpdate } from './linux-resources.ts';

describe('resourcesUpdate', () => {
  const legacy = { unified: false, swapAccounting: true };
  const unified = { unified: true, swapAccounting: true };

  it('takes the quota away in so many words, since what is left out stays', () => {
    expect(resourcesUpdate({ cpuShares: 512 }, legacy)).toEqual({ cpu: { shares: 512, quota: -1 } });
    expect(resourcesUpdate({ cpuQuota: 0, cpuPeriod: 50_000 }, legacy)).toMatchObject({ cpu: { quota: -1 } });
    expect(resourcesUpdate({ cpuQuota: 20_000 }, legacy)).toEqual({ cpu: { quota: 20_000, period: 100_000 } });
  });

  it('limits memory and swap together where swap is counted, and looks first where the kernel would kill', () => {
    const linux = { memoryLimitBytes: 1024, pidsLimit: 5 };
    expect(resourcesUpdate(linux, legacy)).toMatchObject({ memory: { limit: 1024, swap: 1024 }, pids: { limit: 5 } });
    expect(resourcesUpdate(linux, { ...legacy, swapAccounting: false })['memory']).toEqual({ limit: 1024 });
    expect(resourcesUpdate(linux, unified)['memory']).toEqual({ limit: 1024, swap: 1024, checkBeforeUpdate: true });
  });
});
