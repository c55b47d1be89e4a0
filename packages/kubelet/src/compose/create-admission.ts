import type { Pod } from '@podling/shared/api';
import type { ContainerResources } from '../cm/container-resources.ts';
import type { NodeManager } from '../node/node-manager.ts';
import { admitPod, capacityOf, type Rejection } from '../pod/admission.ts';
import { AllocationStore } from '../pod/allocation-store.ts';
import { Allocations } from '../pod/allocations.ts';
import { admitAppArmor, hasAppArmor, SysctlAllowlist } from '../pod/security-admission.ts';
import { isTerminalPhase } from '../status/phase.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';

export function createAllocations({ paths, clock }: Core, { pods, events, statusOf }: BaseParts, node: NodeManager, figures: ContainerResources, wake: (uid: string) => void): Allocations {
  return new Allocations({
    store: new AllocationStore(paths), events, clock, figures, wake,
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

/** Why this node does not take a pod that was bound to it; `refusal` is a reason of the node's. */
export function createAdmission({ config }: Core, allocations: Allocations, node: NodeManager, refusal: (pod: Pod) => Rejection | undefined) {
  const sysctls = new SysctlAllowlist(config.allowedUnsafeSysctls);
  const appArmor = hasAppArmor();
  return (pod: Pod): Rejection | undefined => {
    const refused = sysctls.admit(pod) ?? admitAppArmor(pod, appArmor) ?? refusal(pod);
    if (refused !== undefined) return refused;
    const self = node.node();
    return self && admitPod(pod, allocations.granted(), capacityOf(self));
  };
}
