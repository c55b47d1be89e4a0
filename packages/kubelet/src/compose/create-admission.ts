import { uidOf, type Pod } from '@podling/shared/api';
import type { CpuManager } from '../cm/cpu-manager.ts';
import type { NodeManager } from '../node/node-manager.ts';
import { admissionFailures, admitOs, capacityOf, type Rejection } from '../pod/admission.ts';
import { AllocationStore } from '../pod/allocation-store.ts';
import { Allocations } from '../pod/allocations.ts';
import { CriticalPodAdmission, type Postponed } from '../pod/critical-pod-admission.ts';
import { FreshNode } from '../pod/fresh-node.ts';
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
  /** Ends a pod for a critical one. */
  preempt: (pod: Pod) => void;
  hasEnded: (uid: string) => boolean;
  wake: (uid: string) => void;
}

export interface Admission {
  /** Why this node does not take a pod that was bound to it, or when to ask again; undefined: it does. */
  admit: (pod: Pod) => Rejection | Postponed | undefined;
  forgetPod: (uid: string) => void;
}

export function createAdmission({ config, client, clock }: Core, { allocations, node, cpus, refusal, preempt, hasEnded, wake }: AdmissionParts): Admission {
  const sysctls = new SysctlAllowlist(config.allowedUnsafeSysctls);
  const appArmor = hasAppArmor();
  const critical = new CriticalPodAdmission({ pods: () => allocations.granted(), preempt, hasEnded, clock });
  const labels = new FreshNode({ read: () => client.nodes().get(config.nodeName), wake, clock });
  const fits = (pod: Pod): Rejection | Postponed | undefined => {
    const self = labels.of(uidOf(pod)) ?? node.node();
    const failures = self ? admissionFailures(pod, allocations.granted(), capacityOf(self)) : [];
    if (failures.length === 0) return cpus.admit(pod);
    return labels.mayMend(uidOf(pod), failures) ?? critical.recover(pod, failures);
  };
  return {
    admit: (pod) => critical.waiting(uidOf(pod)) ?? sysctls.admit(pod) ?? admitAppArmor(pod, appArmor) ?? refusal(pod) ?? admitOs(pod) ?? fits(pod),
    forgetPod(uid) {
      critical.forgetPod(uid);
      labels.forgetPod(uid);
    },
  };
}
