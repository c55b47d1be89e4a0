import { compareQuantities, formatQuantity, parseQuantity, quantityFormat } from '@podling/shared/api';
import type { DefaultedKubeletConfiguration } from '@podling/shared/scheme';
import { parseCpuSet } from '@podling/shared/util';

export type ResourceList = Readonly<Record<string, string>>;

/** What of the node is kept from pods. */
export interface Reservations {
  system: ResourceList;
  kube: ResourceList;
  /** What must be left before pods are evicted at once. */
  evictionHard: ResourceList;
}

type Settings = Pick<DefaultedKubeletConfiguration, 'systemReserved' | 'kubeReserved' | 'reservedSystemCPUs'>;

/** CPUs that are reserved by number count for the system, instead of any other reservation of CPU. */
export function reservationsOf({ systemReserved = {}, kubeReserved = {}, reservedSystemCPUs = '' }: Settings, evictionHard: ResourceList): Reservations {
  const cpus = parseCpuSet(reservedSystemCPUs).size;
  if (cpus === 0) return { system: systemReserved, kube: kubeReserved, evictionHard };
  const { cpu: _, ...kube } = kubeReserved;
  return { system: { ...systemReserved, cpu: String(cpus) }, kube, evictionHard };
}

/** What pods may ask for: the node's `status.allocatable`. Upstream twin: `GetNodeAllocatableReservation`, taken from the capacity. */
export function allocatable(capacity: ResourceList, { system, kube, evictionHard }: Reservations): ResourceList {
  return without(capacity, [system, kube, evictionHard]);
}

/** What pods may use before the kernel refuses. Upstream twin: `GetNodeAllocatableAbsolute`. */
export function allocatableAbsolute(capacity: ResourceList, { system, kube }: Reservations): ResourceList {
  return without(capacity, [system, kube]);
}

/** What is reserved and not there, as Kubernetes tells it; undefined if there is enough. */
export function overReserved(capacity: ResourceList, { system, kube, evictionHard }: Reservations): string | undefined {
  const problems = Object.entries(capacity).flatMap(([name, amount]) => {
    const reserved = formatQuantity(sumOf(name, [system, kube, evictionHard]), quantityFormat(amount));
    return compareQuantities(reserved, amount) > 0
      ? [`Resource ${JSON.stringify(name)} has a reservation of ${reserved} but capacity of ${amount}. Expected capacity >= reservation.`]
      : [];
  });
  return problems.length === 0 ? undefined : `invalid Node Allocatable configuration. ${problems.join(' ')}`;
}

function without(capacity: ResourceList, reserved: readonly ResourceList[]): ResourceList {
  return Object.fromEntries(Object.entries(capacity).map(([name, amount]) => {
    const taken = sumOf(name, reserved);
    const left = parseQuantity(amount) - taken;
    return [name, taken === 0n ? amount : formatQuantity(left > 0n ? left : 0n, quantityFormat(amount))];
  }));
}

function sumOf(name: string, lists: readonly ResourceList[]): bigint {
  return lists.reduce((sum, list) => sum + (list[name] === undefined ? 0n : parseQuantity(list[name])), 0n);
}
