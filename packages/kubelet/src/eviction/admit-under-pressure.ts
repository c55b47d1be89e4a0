import { qosClassOf, tolerates, type Pod } from '@podling/shared/api';
import type { Rejection } from '../pod/admission.ts';
import { isCriticalPod } from '../pod/critical-pod.ts';
import type { PressureCondition } from './signals.ts';

const memoryPressureTaint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' } as const;

/**
 * Why a node under pressure does not take a pod; pure. Short of memory alone it takes those that ask for some, and those
 * that tolerate the shortage. Upstream twin: the eviction manager's `Admit`.
 */
export function admitUnderPressure(pod: Pod, conditions: readonly PressureCondition[]): Rejection | undefined {
  if (conditions.length === 0 || isCriticalPod(pod)) return undefined;
  if (conditions.every((condition) => condition === 'MemoryPressure') && fitsShortMemory(pod)) return undefined;
  // The blank at the end is Kubernetes'.
  return { reason: 'Evicted', message: `Pod was rejected: The node had condition: [${conditions.join(' ')}]. ` };
}

function fitsShortMemory({ spec }: Pod): boolean {
  return qosClassOf(spec) !== 'BestEffort' || (spec.tolerations ?? []).some((toleration) => tolerates(toleration, memoryPressureTaint));
}
