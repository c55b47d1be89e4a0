import type { Pod } from '@podling/shared/api';
import type { CpuManager } from '../cm/cpu-manager.ts';
import type { NodeManager } from '../node/node-manager.ts';
import { admitPod, capacityOf, type Rejection } from '../pod/admission.ts';
import { AllocationStore } from '../pod/allocation-store.ts';
import { Allocations } from '../pod/allocations.ts';
import { admitAppArmor, hasAppArmor, SysctlAllowlist } from '../pod/security-admission.ts';
import { isTerminalPhase } from '../status/phase.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';
import type { ContainerManager } from './create-container-manager.ts';

export function createAllocations({ paths, clock }: Core, { pods, events, statusOf }: BaseParts, node: NodeManager, { figures, cpus }: Pick<ContainerManager, 'figures' | 'cpus'>, wake: (uid: string) => void): Allocations {
  return new Allocations({
    store: new AllocationStore(paths), events, clock, figures, wake, cpuManagerPolicy: cpus.policy,
    startedPods: () => pods.list().filter((pod) => {
      const { startTime, phase } = statusOf(pod);
      return startTime !== undefined && !isTerminalPhase(phase);
    }),
    capacity: () => {
      const self = node.node();
      return self && capacityOf(self);
    },
  });
}

export interface AdmissionParts {
  allocations: Allocations;
  node: NodeManager;
  cpus: CpuManager;
  /** A reason of the node's. */
  refusal: (pod: Pod) => Rejection | undefined;
}

/** Why this node does not take a pod that was bound to it. */
export function createAdmission({ config }: Core, { allocations, node, cpus, refusal }: AdmissionParts) {
  const sysctls = new SysctlAllowlist(config.allowedUnsafeSysctls);
  const appArmor = hasAppArmor();
  return (pod: Pod): Rejection | undefined => {
    const refused = sysctls.admit(pod) ?? admitAppArmor(pod, appArmor) ?? refusal(pod);
    if (refused !== undefined) return refused;
    const self = node.node();
    return (self && admitPod(pod, allocations.granted(), capacityOf(self))) ?? cpus.admit(pod);
  };
}
