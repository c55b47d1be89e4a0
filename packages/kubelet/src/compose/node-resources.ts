import { quantityToBytes, quantityToMilli } from '@podling/shared/api';
import { allocatable, overReserved, reservationsOf, type Reservations, type ResourceList } from '../cm/node-allocatable.ts';
import type { KubeletConfig } from '../config.ts';
import { ConfigurationError } from '../config/configuration-file.ts';
import { amountOf, isHard, parseThresholds } from '../eviction/thresholds.ts';
import type { MachineInfo } from '../node/machine-info.ts';
import { machineCapacity } from '../node/node-status.ts';

export type NodeAllocatable = Pick<MachineInfo, 'cpuMilli' | 'memoryBytes' | 'ephemeralStorageBytes'>;

/** What is kept from pods and what is left for them; throws `ConfigurationError` where that is more than the machine has. */
export function nodeResources({ configuration }: KubeletConfig, machine: MachineInfo): { reservations: Reservations; allocatable: NodeAllocatable } {
  const capacity = machineCapacity(machine);
  const reservations = reservationsOf(configuration, hardEvictionReservation(configuration, machine));
  const problem = overReserved(capacity, reservations);
  if (problem !== undefined) throw new ConfigurationError(problem);
  const { cpu = '0', memory = '0', 'ephemeral-storage': storage = '0' } = allocatable(capacity, reservations);
  return { reservations, allocatable: { cpuMilli: quantityToMilli(cpu), memoryBytes: quantityToBytes(memory), ephemeralStorageBytes: quantityToBytes(storage) } };
}

function hardEvictionReservation(configuration: KubeletConfig['configuration'], { memoryBytes, ephemeralStorageBytes }: MachineInfo): ResourceList {
  const hard = parseThresholds(configuration).thresholds.filter(isHard);
  const reserve = (name: string, signal: string, capacity: bigint): [string, string][] =>
    hard.filter((threshold) => threshold.signal === signal).map(({ value }) => [name, String(amountOf(value, Number(capacity)))]);
  return Object.fromEntries([...reserve('memory', 'memory.available', memoryBytes), ...reserve('ephemeral-storage', 'nodefs.available', ephemeralStorageBytes)]);
}
