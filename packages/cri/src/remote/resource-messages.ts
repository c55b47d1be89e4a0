import type { LinuxResources } from '../cri.ts';
import type { Int64, LinuxContainerResources, Sent } from '../v1/index.ts';

const text = (value: number | undefined): Int64 => String(value ?? 0);

/** 0 says nothing to a CRI runtime, so what is to be without limit is said with -1. */
export function resourcesMessage(resources: LinuxResources, { unified }: { unified: boolean }): Sent<LinuxContainerResources> {
  const { cpuQuota, memoryLimitBytes, pidsLimit } = resources;
  return {
    cpuPeriod: text(resources.cpuPeriod),
    cpuQuota: cpuQuota === 0 ? '-1' : text(cpuQuota),
    cpuShares: text(resources.cpuShares),
    memoryLimitInBytes: text(memoryLimitBytes),
    // The same as the memory limit: no swap.
    memorySwapLimitInBytes: text(resources.memorySwapLimitBytes ?? memoryLimitBytes),
    oomScoreAdj: text(resources.oomScoreAdj),
    cpusetCpus: resources.cpusetCpus ?? '',
    cpusetMems: resources.cpusetMems ?? '',
    ...(unified ? { unified: { ...resources.unified, ...(pidsLimit === undefined ? {} : { 'pids.max': String(pidsLimit) }) } } : {}),
  };
}

/** The way back: what is not set, or set to "no limit", is left out. */
export function linuxResources(message: LinuxContainerResources | null): LinuxResources {
  if (message === null) return {};
  const memory = positive(message.memoryLimitInBytes);
  const swap = positive(message.memorySwapLimitInBytes);
  const { 'pids.max': pidsMax, ...unified } = message.unified;
  const pids = Number(pidsMax ?? 0);
  return defined({
    cpuPeriod: positive(message.cpuPeriod),
    cpuQuota: positive(message.cpuQuota),
    cpuShares: positive(message.cpuShares),
    cpusetCpus: message.cpusetCpus === '' ? undefined : message.cpusetCpus,
    cpusetMems: message.cpusetMems === '' ? undefined : message.cpusetMems,
    memoryLimitBytes: memory,
    memorySwapLimitBytes: swap === memory ? undefined : swap,
    oomScoreAdj: Number(message.oomScoreAdj) === 0 ? undefined : Number(message.oomScoreAdj),
    pidsLimit: pids > 0 ? pids : undefined,
    unified: Object.keys(unified).length === 0 ? undefined : unified,
  });
}

function positive(value: Int64): number | undefined {
  const number = Number(value);
  return number > 0 ? number : undefined;
}

function defined<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };
}
