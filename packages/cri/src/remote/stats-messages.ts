import type { ContainerStats, NetworkInterfaceUsage, PodSandboxStats } from '../cri.ts';
import type * as wire from '../v1/index.ts';
import { nonsense } from './call-errors.ts';
import { filesystemUsage } from './image-messages.ts';
import { count, milliseconds, optionalCount } from './numbers.ts';
import { sandboxMetadata } from './sandbox-messages.ts';

export function containerStats(message: wire.ContainerStats | null, call: string): ContainerStats {
  const attributes = message?.attributes ?? null;
  if (message === null || attributes === null || attributes.metadata === null) throw nonsense(call, 'stats say not of which container they are');
  const { name, attempt } = attributes.metadata;
  const layer = message.writableLayer;
  const faults = optionalCount(message.memory?.pageFaults ?? null);
  const majorFaults = optionalCount(message.memory?.majorPageFaults ?? null);
  return {
    id: attributes.id,
    metadata: { name, attempt },
    labels: attributes.labels,
    ...usage(message),
    ...(faults === undefined ? {} : { pageFaults: faults }),
    ...(majorFaults === undefined ? {} : { majorPageFaults: majorFaults }),
    // Without a time nobody has measured yet.
    ...(layer === null || milliseconds(layer.timestamp) === 0 ? {} : { writableLayer: filesystemUsage(layer) }),
  };
}

/** containerd lists those that do not run as well, without figures. */
export function isMeasured({ cpu, memory }: wire.ContainerStats): boolean {
  return cpu !== null || memory !== null;
}

export function podSandboxStats(message: wire.PodSandboxStats | null, call: string): PodSandboxStats {
  const metadata = sandboxMetadata(message?.attributes?.metadata ?? null);
  if (message === null || message.attributes === null || metadata === undefined) throw nonsense(call, 'stats say not of which sandbox they are');
  const { linux, attributes } = message;
  const processCount = optionalCount(linux?.process?.processCount ?? null);
  const interfaces = networkInterfaces(linux);
  return {
    id: attributes.id,
    metadata,
    labels: attributes.labels,
    ...usage({ cpu: linux?.cpu ?? null, memory: linux?.memory ?? null }),
    ...(processCount === undefined ? {} : { processCount }),
    ...(interfaces === undefined ? {} : { networkInterfaces: interfaces }),
    containers: (linux?.containers ?? []).filter(isMeasured).map((one) => containerStats(one, call)),
  };
}

function usage({ cpu, memory }: Pick<wire.ContainerStats, 'cpu' | 'memory'>): Pick<ContainerStats, 'timestampMs' | 'cpuUsageNanoSeconds' | 'memoryUsageBytes' | 'memoryWorkingSetBytes' | 'memoryRssBytes' | 'memoryAvailableBytes'> {
  const workingSet = count(memory?.workingSetBytes ?? null);
  const available = count(memory?.availableBytes ?? null);
  return {
    timestampMs: milliseconds(cpu?.timestamp ?? memory?.timestamp ?? '0'),
    cpuUsageNanoSeconds: BigInt(cpu?.usageCoreNanoSeconds?.value ?? '0'),
    // Older runtimes know the working set alone.
    memoryUsageBytes: optionalCount(memory?.usageBytes ?? null) ?? workingSet,
    memoryWorkingSetBytes: workingSet,
    memoryRssBytes: count(memory?.rssBytes ?? null),
    // Of what has no limit containerd says 0.
    ...(available === 0 ? {} : { memoryAvailableBytes: available }),
  };
}

function networkInterfaces(linux: wire.LinuxPodSandboxStats | null): NetworkInterfaceUsage[] | undefined {
  const network = linux?.network ?? null;
  if (network === null || network.defaultInterface === null) return undefined;
  return [network.defaultInterface, ...network.interfaces].map((one) => ({
    name: one.name,
    rxBytes: count(one.rxBytes), rxErrors: count(one.rxErrors),
    txBytes: count(one.txBytes), txErrors: count(one.txErrors),
  }));
}
