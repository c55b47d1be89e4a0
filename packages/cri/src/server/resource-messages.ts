import type { LinuxResources } from '../cri.ts';
import type { Int64, LinuxContainerResources, Sent } from '../v1/index.ts';
import { number } from './invalid-field.ts';

/** 0 says nothing in CRI, -1 "without limit". */
export function linuxResources(message: LinuxContainerResources | null, path: string): LinuxResources {
  if (message === null) return {};
  const { cpusetCpus, cpusetMems, unified } = message;
  const pids = Number(unified['pids.max'] ?? 0);
  const rest = Object.entries(unified).filter(([name]) => name !== 'pids.max');
  const figure = (value: Int64, name: string): number => number(value, `${path}.${name}`);
  const limit = (value: Int64, name: string): number | undefined => given(Math.max(0, figure(value, name)), value);
  return {
    ...field('cpuPeriod', limit(message.cpuPeriod, 'cpu_period')),
    ...field('cpuQuota', limit(message.cpuQuota, 'cpu_quota')),
    ...field('cpuShares', limit(message.cpuShares, 'cpu_shares')),
    ...field('memoryLimitBytes', limit(message.memoryLimitInBytes, 'memory_limit_in_bytes')),
    ...field('memorySwapLimitBytes', limit(message.memorySwapLimitInBytes, 'memory_swap_limit_in_bytes')),
    ...field('oomScoreAdj', given(figure(message.oomScoreAdj, 'oom_score_adj'), message.oomScoreAdj)),
    ...field('cpusetCpus', cpusetCpus || undefined),
    ...field('cpusetMems', cpusetMems || undefined),
    ...field('pidsLimit', pids > 0 ? pids : undefined),
    ...(rest.length === 0 ? {} : { unified: Object.fromEntries(rest) }),
  };
}

export function resourcesMessage(resources: LinuxResources): Sent<LinuxContainerResources> {
  const text = (value: number | undefined): Int64 => String(value ?? 0);
  return {
    cpuPeriod: text(resources.cpuPeriod),
    cpuQuota: text(resources.cpuQuota),
    cpuShares: text(resources.cpuShares),
    memoryLimitInBytes: text(resources.memoryLimitBytes),
    memorySwapLimitInBytes: text(resources.memorySwapLimitBytes ?? resources.memoryLimitBytes),
    oomScoreAdj: text(resources.oomScoreAdj),
    cpusetCpus: resources.cpusetCpus ?? '',
    cpusetMems: resources.cpusetMems ?? '',
    unified: { ...resources.unified, ...(resources.pidsLimit === undefined ? {} : { 'pids.max': String(resources.pidsLimit) }) },
  };
}

function given(value: number, sent: Int64): number | undefined {
  return Number(sent) === 0 ? undefined : value;
}

function field<Name extends keyof LinuxResources>(name: Name, value: LinuxResources[Name] | undefined): Pick<LinuxResources, Name> | object {
  return value === undefined ? {} : { [name]: value };
}
