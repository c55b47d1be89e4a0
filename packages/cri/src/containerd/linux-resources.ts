import type { LinuxResources } from '../cri.ts';

const CFS_PERIOD_MICROSECONDS = 100_000;

/**
 * OCI `linux.resources`; runc turns it into cgroup v2's terms where that is mounted. With swap accounting the limit of
 * memory and swap together is the memory limit: containers do not swap.
 */
export function linuxResources(linux: LinuxResources, swapAccounting: boolean): Record<string, unknown> {
  return {
    cpu: {
      ...(linux.cpuShares ? { shares: linux.cpuShares } : {}),
      ...(linux.cpuQuota ? { quota: linux.cpuQuota, period: linux.cpuPeriod ?? CFS_PERIOD_MICROSECONDS } : {}),
      ...(linux.cpusetCpus ? { cpus: linux.cpusetCpus } : {}),
    },
    ...(linux.memoryLimitBytes ? { memory: { limit: linux.memoryLimitBytes, ...(swapAccounting ? { swap: linux.memoryLimitBytes } : {}) } } : {}),
    ...(linux.pidsLimit ? { pids: { limit: linux.pidsLimit } } : {}),
  };
}
