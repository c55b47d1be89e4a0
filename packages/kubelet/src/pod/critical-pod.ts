import { isMirrorPod, isStaticPod, type Pod } from '@podling/shared/api';

/** `system-node-critical` and `system-cluster-critical`, and what is above. */
export const criticalPriority = 2_000_000_000;

/** One that the node is nothing without: it is let in and left alone when others are not. Upstream twin: kubetypes `IsCriticalPod`. */
export function isCriticalPod(pod: Pod): boolean {
  return isStaticPod(pod) || isMirrorPod(pod) || (pod.spec.priority ?? 0) >= criticalPriority;
}
