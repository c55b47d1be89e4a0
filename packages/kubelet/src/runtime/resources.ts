import type { LinuxResources } from '@podling/cri';
import type { Container, Pod, ResourceRequirements } from '@podling/shared/api';
import { aggregateLimits, aggregateRequests, quantityToBytes, quantityToMilli } from '@podling/shared/api';

/** The part of `LinuxResources` that a resize changes; absent: no limit. */
export type CgroupResources = Pick<LinuxResources, 'cpuShares' | 'cpuPeriod' | 'cpuQuota' | 'memoryLimitBytes'>;

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const cpuPeriodMicroseconds = 100_000;
/** The kernel's smallest quota. */
const minQuotaMicroseconds = 1_000;
const minShares = 2;
const maxShares = 262_144;

/** Guaranteed: every container limits cpu and memory and requests just that; BestEffort: none asks for anything. */
export function qosClassOf(pod: Pod): QosClass {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  if (containers.every((container) => asksForNothing(container.resources))) return 'BestEffort';
  return containers.every((container) => isGuaranteed(container.resources)) ? 'Guaranteed' : 'Burstable';
}

/** cgroupfs path of a pod below the node's root, as Kubernetes lays it out. */
export function podCgroupPath(cgroupRoot: string, qosClass: QosClass, uid: string): string {
  const root = cgroupRoot.replace(/\/+$/, '');
  const qos = qosClass === 'Guaranteed' ? '' : `/${qosClass.toLowerCase()}`;
  return `${root}/kubepods${qos}/pod${uid}`;
}

/** Wherever a pod's cgroup may be: of an orphan the class is no longer known. */
export function podCgroupPaths(cgroupRoot: string, uid: string): string[] {
  return (['Guaranteed', 'Burstable', 'BestEffort'] as const).map((qosClass) => podCgroupPath(cgroupRoot, qosClass, uid));
}

export function milliToShares(milli: bigint): number {
  const shares = Number((milli * 1024n) / 1000n);
  return Math.min(Math.max(shares, minShares), maxShares);
}

export interface ResourceContext {
  qosClass: QosClass;
  nodeMemoryBytes: bigint;
  /** The kubelet's own value: without CAP_SYS_RESOURCE nothing may go below it. */
  ownOomScoreAdj: number;
}

export function linuxResourcesOf(container: Container, context: ResourceContext): LinuxResources {
  const { requests, limits } = container.resources ?? {};
  return { ...cgroupResourcesOf(container), oomScoreAdj: oomScoreAdjOf(requests?.['memory'] ?? limits?.['memory'], context) };
}

export function cgroupResourcesOf({ resources: { requests = {}, limits = {} } = {} }: Pick<Container, 'resources'>): CgroupResources {
  const resources: CgroupResources = { cpuShares: milliToShares(milliOf(requests['cpu'] ?? limits['cpu'])) };
  const cpuLimit = milliOf(limits['cpu']);
  if (cpuLimit > 0n) {
    resources.cpuPeriod = cpuPeriodMicroseconds;
    resources.cpuQuota = Math.max(Number((cpuLimit * BigInt(cpuPeriodMicroseconds)) / 1000n), minQuotaMicroseconds);
  }
  const memoryLimit = bytesOf(limits['memory']);
  if (memoryLimit > 0n) resources.memoryLimitBytes = Number(memoryLimit);
  return resources;
}

/** Of the pod's own cgroup: what its containers may have together. One container without a limit lifts that limit. */
export function podCgroupResources({ spec }: Pod): CgroupResources {
  const [containers, initContainers] = [spec.containers, spec.initContainers ?? []].map((list) => list.map(withRequests)) as [Container[], Container[]];
  const limits = Object.entries(aggregateLimits(spec)).filter(([name]) => [...containers, ...initContainers].every(({ resources }) => milliOf(resources?.limits?.[name]) > 0n));
  return cgroupResourcesOf({ resources: { requests: aggregateRequests({ ...spec, containers, initContainers }), limits: Object.fromEntries(limits) } });
}

/** What is limited and not requested is requested. */
function withRequests(container: Container): Container {
  const { requests, limits } = container.resources ?? {};
  return { ...container, resources: { ...container.resources, requests: { ...limits, ...requests } } };
}

function oomScoreAdjOf(memoryRequest: string | undefined, context: ResourceContext): number {
  return Math.max(wantedOomScoreAdj(bytesOf(memoryRequest), context), context.ownOomScoreAdj);
}

function wantedOomScoreAdj(memoryRequest: bigint, { qosClass, nodeMemoryBytes }: ResourceContext): number {
  if (qosClass === 'Guaranteed') return -997;
  if (qosClass === 'BestEffort') return 1000;
  const adjusted = 1000 - Number((1000n * memoryRequest) / (nodeMemoryBytes || 1n));
  return Math.min(Math.max(adjusted, 3), 999);
}

function asksForNothing(resources: ResourceRequirements | undefined): boolean {
  const quantities = [resources?.requests, resources?.limits].flatMap((list) => [list?.['cpu'], list?.['memory']]);
  return quantities.every((quantity) => milliOf(quantity) === 0n);
}

function isGuaranteed(resources: ResourceRequirements | undefined): boolean {
  return ['cpu', 'memory'].every((name) => {
    const limit = milliOf(resources?.limits?.[name]);
    const request = resources?.requests?.[name];
    return limit > 0n && (request === undefined || milliOf(request) === limit);
  });
}

function milliOf(quantity: string | undefined): bigint {
  return quantity === undefined ? 0n : quantityToMilli(quantity);
}

function bytesOf(quantity: string | undefined): bigint {
  return quantity === undefined ? 0n : quantityToBytes(quantity);
}
