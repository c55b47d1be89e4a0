import type { ContainerStatus as RuntimeContainerStatus, LinuxResources } from '@podling/cri';
import { formatBytes, formatMilli, type ContainerStatus, type ResourceRequirements } from '@podling/shared/api';
import type { CgroupResources } from '../cm/container-resources.ts';
import type { AnyContainer } from '../runtime/pod-containers.ts';
import { isInForce } from '../runtime/compute-resize.ts';
import { isRunning } from '../runtime/runtime.ts';

/** What a container was granted and what is in force; the latter in the user's own words where it is what is `wanted`. */
export function containerResources(container: AnyContainer, latest: RuntimeContainerStatus, wanted: CgroupResources): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  const resources = container.resources ?? {};
  const { requests } = resources;
  const same = !isRunning(latest) || isInForce(wanted, latest.resources);
  return { resources: same ? resources : inForce(resources, latest.resources), ...(requests ? { allocatedResources: requests } : {}) };
}

/** Memory that is requested is nowhere to be read: it is what was granted. */
function inForce({ requests, limits, ...rest }: ResourceRequirements, { cpuShares, cpuQuota, cpuPeriod = 100_000, memoryLimitBytes }: LinuxResources): ResourceRequirements {
  const cpu = cpuShares === undefined ? {} : { cpu: formatMilli(Math.ceil((cpuShares * 1000) / 1024)) };
  const quota = cpuQuota ? { cpu: formatMilli(Math.round((cpuQuota * 1000) / cpuPeriod)) } : {};
  const memory = memoryLimitBytes ? { memory: formatBytes(memoryLimitBytes) } : {};
  return {
    ...rest,
    ...(requests ? { requests: { ...requests, ...(requests['cpu'] === undefined ? {} : cpu) } } : {}),
    ...(limits ? { limits: { ...limits, ...(limits['cpu'] === undefined ? {} : quota), ...(limits['memory'] === undefined ? {} : memory) } } : {}),
  };
}
