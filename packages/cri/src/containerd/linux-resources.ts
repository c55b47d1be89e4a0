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
    ...(linux.unified ? { unified: linux.unified } : {}),
  };
}

/**
 * For a container that runs. No quota is said in so many words, since what is left out stays; cgroup v2, which would kill
 * instead of refusing a limit below the usage, is asked to look first.
 */
export function resourcesUpdate(linux: LinuxResources, cgroup: { unified: boolean; swapAccounting: boolean }): Record<string, unknown> {
  const { cpu, memory, ...rest } = linuxResources(linux, cgroup.swapAccounting) as Record<string, Record<string, unknown> | undefined>;
  return {
    ...rest,
    cpu: linux.cpuQuota ? cpu : { ...cpu, quota: -1 },
    ...(memory === undefined ? {} : { memory: { ...memory, ...(cgroup.unified ? { checkBeforeUpdate: true } : {}) } }),
  };
}
