import { readFileSync } from 'node:fs';
import { quantityToBytes, quantityToMilli } from '@podling/shared/api';
import type { CgroupManager } from '../cm/cgroup-manager.ts';
import { milliToShares } from '../cm/container-resources.ts';
import { allocatableAbsolute, type ResourceList } from '../cm/node-allocatable.ts';
import type { ResourceConfig } from '../cm/resource-config.ts';
import { ConfigurationError } from '../config/configuration-file.ts';
import { machineCapacity } from '../node/node-status.ts';
import type { Core } from './core.ts';

/** What all pods may have together: the node's capacity, less what is reserved where `pods` is enforced. */
export function kubepodsConfig({ config, machine, reservations }: Core): ResourceConfig {
  const capacity = { ...machineCapacity(machine), pid: String(maxPids()) };
  return configOf(config.configuration.enforceNodeAllocatable.includes('pods') ? allocatableAbsolute(capacity, reservations) : capacity, false);
}

/** Limits the cgroups that `enforceNodeAllocatable` names to what is reserved for them; throws `ConfigurationError` where that cannot be. */
export async function enforceReservations({ config, reservations }: Core, cgroups: CgroupManager, tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void): Promise<void> {
  const { enforceNodeAllocatable, systemReservedCgroup = '', kubeReservedCgroup = '' } = config.configuration;
  const groups = [{ key: 'system-reserved', name: 'system', path: systemReservedCgroup, list: reservations.system }, { key: 'kube-reserved', name: 'kube', path: kubeReservedCgroup, list: reservations.kube }];
  for (const { key, name, path, list } of groups) {
    const isCompressible = enforceNodeAllocatable.includes(`${key}-compressible`);
    if (!isCompressible && !enforceNodeAllocatable.includes(key)) continue;
    try {
      if (!cgroups.exists(path)) throw new Error('there is no such cgroup');
      await cgroups.set(path, configOf(list, isCompressible));
    } catch (cause) {
      const message = `Failed to enforce ${name === 'kube' ? 'Kube' : 'System'} Reserved Cgroup Limits on ${JSON.stringify(path)}: ${cause instanceof Error ? cause.message : String(cause)}`;
      tell('Warning', 'FailedNodeAllocatableEnforcement', message);
      throw new ConfigurationError(message, { cause });
    }
    tell('Normal', 'NodeAllocatableEnforced', `Updated limits on ${name} reserved cgroup ${path}`);
  }
}

function configOf({ cpu, memory, pid }: ResourceList, isCompressible: boolean): ResourceConfig {
  return {
    ...(cpu === undefined ? {} : { cpuShares: milliToShares(quantityToMilli(cpu)) }),
    ...(memory === undefined || isCompressible ? {} : { memoryLimitBytes: Number(quantityToBytes(memory)) }),
    ...(pid === undefined || isCompressible ? {} : { pidsLimit: Number(quantityToBytes(pid)) }),
  };
}

/** Of the whole machine: processes and threads count alike. */
function maxPids(): number {
  const [pidMax, threadsMax] = ['pid_max', 'threads-max'].map((name) => Number(readFileSync(`/proc/sys/kernel/${name}`, 'utf8'))) as [number, number];
  return Math.min(pidMax, threadsMax);
}
