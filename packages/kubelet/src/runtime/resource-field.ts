import { quantityToBytes, quantityToMilli, type Container, type Pod, type ResourceFieldSelector } from '@podling/shared/api';

/** Stands in for a limit that is not set. */
export interface NodeAllocatable {
  cpuMilli: bigint;
  memoryBytes: bigint;
  ephemeralStorageBytes: bigint;
}

type Kind = 'limits' | 'requests';
type Resource = 'cpu' | 'memory' | 'ephemeral-storage';

/**
 * What a resourceFieldRef stands for, rounded up in units of its divisor; undefined for a resource that has no such
 * reference. `own`: the container that is meant when the reference names none. Upstream twin: `ExtractContainerResourceValue`.
 */
export function resourceField(pod: Pod, own: Container | undefined, reference: ResourceFieldSelector, allocatable: NodeAllocatable): string | undefined {
  const name = reference.containerName ?? '';
  const container = name === '' ? own : [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((other) => other.name === name);
  const match = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.exec(reference.resource);
  if (container === undefined || match === null) return undefined;
  const [, kind, resource] = match as unknown as [string, Kind, Resource];
  const quantity = container.resources?.[kind]?.[resource];
  const value = quantity === undefined ? unset(kind, resource, allocatable) : unitsOf(resource, quantity);
  return ceilDivide(value, divisorOf(resource, reference.divisor)).toString();
}

function unset(kind: Kind, resource: Resource, { cpuMilli, memoryBytes, ephemeralStorageBytes }: NodeAllocatable): bigint {
  if (kind === 'requests') return 0n;
  const whole: Partial<Record<string, bigint>> = { cpu: cpuMilli, memory: memoryBytes, 'ephemeral-storage': ephemeralStorageBytes };
  return whole[resource] ?? 0n;
}

/** In milli-CPU for cpu, in bytes for all else. */
function unitsOf(resource: Resource, quantity: string): bigint {
  return resource === 'cpu' ? quantityToMilli(quantity) : quantityToBytes(quantity);
}

/** `0` and nothing mean one. */
function divisorOf(resource: Resource, divisor = ''): bigint {
  return unitsOf(resource, divisor === '' || divisor === '0' ? '1' : divisor);
}

function ceilDivide(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
