import type { LinuxResources } from '@podling/cri';
import { podLimits, podRequests, qosClassOf, quantityToBytes, quantityToMilli, type Container, type Pod } from '@podling/shared/api';
import { hugePageLimitsOf } from './huge-pages.ts';
import { oomScoreAdjOf } from './oom-score.ts';
import type { ResourceConfig } from './resource-config.ts';

/** The part of `LinuxResources` that a resize changes; absent: no limit. */
export type CgroupResources = Pick<LinuxResources, 'cpuShares' | 'cpuPeriod' | 'cpuQuota' | 'memoryLimitBytes'>;

/** What a pod's containers have of CPUs by number. */
export interface CpuAffinity {
  /** Whether the container has CPUs of its own. */
  hasExclusiveCpus(uid: string, containerName: string): boolean;
  /** Where it may run, as the kernel writes it: `0-1,3`; undefined: anywhere. */
  affinityOf(uid: string, containerName: string): string | undefined;
}

export interface ContainerResourcesOptions {
  nodeMemoryBytes: bigint;
  /** The kubelet's own value: without CAP_SYS_RESOURCE nothing may go below it. */
  ownOomScoreAdj: number;
  /** `cpuCFSQuota`: limits of CPU are enforced. */
  isCpuLimited: boolean;
  /** `cpuCFSQuotaPeriod`. */
  cpuPeriodMicroseconds: number;
  /** A process that runs out of memory takes its container with it; cgroup v2 alone. */
  endsAsGroup: boolean;
  cpus: CpuAffinity;
  /** As the kernel writes them: `2MB`. */
  hugePageSizes: readonly string[];
}

export const anyCpu: CpuAffinity = { hasExclusiveCpus: () => false, affinityOf: () => undefined };

/** The kernel's smallest quota. */
const minQuotaMicroseconds = 1_000;
const minShares = 2;
const maxShares = 262_144;

/** What pods and containers ask for, in the kernel's terms. Upstream twins: `generateLinuxContainerResources`, cm `ResourceConfigForPod`. */
export class ContainerResources {
  readonly #options: ContainerResourcesOptions;

  constructor(options: ContainerResourcesOptions) {
    this.#options = options;
  }

  /** All that a container is created with. */
  linuxResources(pod: Pod, container: Container): LinuxResources {
    const { cpus, ownOomScoreAdj, nodeMemoryBytes, endsAsGroup } = this.#options;
    const cpusetCpus = cpus.affinityOf(pod.metadata.uid ?? '', container.name);
    return {
      ...this.cgroupResources(pod, container),
      ...(cpusetCpus === undefined ? {} : { cpusetCpus }),
      ...(endsAsGroup ? { unified: { 'memory.oom.group': '1' } } : {}),
      oomScoreAdj: Math.max(oomScoreAdjOf(pod, container, nodeMemoryBytes), ownOomScoreAdj),
    };
  }

  /** What of it a resize may change. A container without a limit has the pod's. */
  cgroupResources(pod: Pod, { name, resources: { requests = {}, limits = {} } = {} }: Pick<Container, 'name' | 'resources'>): CgroupResources {
    const ofPod = pod.spec.resources?.limits ?? {};
    const cpuLimit = milliOf(limits['cpu']) || milliOf(ofPod['cpu']);
    const memoryLimit = bytesOf(limits['memory']) || bytesOf(ofPod['memory']);
    const isExclusive = this.#options.cpus.hasExclusiveCpus(pod.metadata.uid ?? '', name);
    return {
      cpuShares: requests['cpu'] === undefined ? milliToShares(cpuLimit) : milliToShares(milliOf(requests['cpu'])),
      ...(cpuLimit > 0n && !isExclusive && this.#options.isCpuLimited ? this.#cpuLimit(cpuLimit) : {}),
      ...(memoryLimit > 0n ? { memoryLimitBytes: Number(memoryLimit) } : {}),
    };
  }

  /** Of the pod's own cgroup: what its containers may have together. One container without a limit lifts that limit. */
  podConfig(pod: Pod): ResourceConfig {
    const spec = withRequests(pod.spec);
    const requests = podRequests(spec);
    const limits = podLimits(spec);
    const declared = (name: string): boolean => milliOf(spec.resources?.limits?.[name]) > 0n || allContainers(spec).every(({ resources }) => milliOf(resources?.limits?.[name]) > 0n);
    const quota = declared('cpu') && this.#options.isCpuLimited && !this.#hasExclusiveCpus(pod) ? this.#cpuLimit(milliOf(limits['cpu'])) : { cpuQuota: -1 };
    return {
      cpuShares: qosClassOf(spec) === 'BestEffort' ? minShares : milliToShares(milliOf(requests['cpu'])),
      ...quota,
      memoryLimitBytes: declared('memory') ? Number(bytesOf(limits['memory'])) : -1,
      hugePageLimits: hugePageLimitsOf(requests, this.#options.hugePageSizes),
    };
  }

  #hasExclusiveCpus({ metadata: { uid = '' }, spec }: Pod): boolean {
    return allContainers(spec).some(({ name }) => this.#options.cpus.hasExclusiveCpus(uid, name));
  }

  #cpuLimit(milli: bigint): { cpuPeriod: number; cpuQuota: number } {
    const { cpuPeriodMicroseconds } = this.#options;
    return { cpuPeriod: cpuPeriodMicroseconds, cpuQuota: Math.max(Number((milli * BigInt(cpuPeriodMicroseconds)) / 1000n), minQuotaMicroseconds) };
  }
}

export function milliToShares(milli: bigint): number {
  const shares = Number((milli * 1024n) / 1000n);
  return Math.min(Math.max(shares, minShares), maxShares);
}

function allContainers({ containers, initContainers = [] }: Pod['spec']): Container[] {
  return [...initContainers, ...containers];
}

/** What is limited and not requested is requested. */
function withRequests(spec: Pod['spec']): Pod['spec'] {
  const filled = (container: Container): Container => {
    const { requests, limits } = container.resources ?? {};
    return { ...container, resources: { ...container.resources, requests: { ...limits, ...requests } } };
  };
  const { containers, initContainers } = spec;
  return { ...spec, containers: containers.map(filled), ...(initContainers ? { initContainers: initContainers.map(filled) } : {}) };
}

function milliOf(quantity: string | undefined): bigint {
  return quantity === undefined ? 0n : quantityToMilli(quantity);
}

function bytesOf(quantity: string | undefined): bigint {
  return quantity === undefined ? 0n : quantityToBytes(quantity);
}
