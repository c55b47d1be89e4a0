import { formatTime } from './meta.ts';
import type { Pod } from './pod.ts';
import type { PodCondition } from './pod-status.ts';

/** Why somebody ends a pod that was not meant to end. */
export const disruptionTarget = 'DisruptionTarget';

export function podCondition({ status }: Pod, type: string): PodCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Ended for good: nothing of it runs again. */
export function isPodTerminal({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** The pod with the condition; its time is now if the status is new, else the one before. Upstream twin: `UpdatePodCondition`. */
export function withPodCondition(pod: Pod, condition: Omit<PodCondition, 'lastProbeTime' | 'lastTransitionTime'>, nowMs: number): Pod {
  const old = podCondition(pod, condition.type);
  const isSame = old?.status === condition.status;
  const next: PodCondition = {
    ...condition, lastProbeTime: old?.lastProbeTime ?? null,
    lastTransitionTime: isSame ? old.lastTransitionTime ?? null : formatTime(new Date(nowMs)),
  };
  const conditions = pod.status?.conditions ?? [];
  const written = old ? conditions.map((each) => (each === old ? next : each)) : [...conditions, next];
  return { ...pod, status: { ...pod.status, conditions: written } };
}
