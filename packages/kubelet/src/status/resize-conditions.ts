import { formatTime, type PodCondition } from '@podling/shared/api';

/** Where a pod's resize stands; nothing of it: there is none. `generation`: of the spec that asks for it. */
export interface ResizeState {
  /** Not granted. */
  pending?: { reason: 'Deferred' | 'Infeasible'; message: string; generation: number };
  /** Granted, not yet in force; `error`: why the last try failed. */
  progress?: { generation: number; error?: string };
}

export const resizeConditionTypes = ['PodResizePending', 'PodResizeInProgress'] as const;

/** They are there only while a resize is; a transition time moves when the reason does. Upstream twin: `updatedPodResizeCondition`. */
export function resizeConditions({ pending, progress }: ResizeState, known: readonly PodCondition[], nowMs: number): PodCondition[] {
  const stamped = (condition: PodCondition): PodCondition => {
    const before = known.find(({ type }) => type === condition.type);
    const lastTransitionTime = before && (before.reason ?? '') === (condition.reason ?? '') ? before.lastTransitionTime : undefined;
    return { ...condition, lastTransitionTime: lastTransitionTime ?? formatTime(new Date(nowMs)) };
  };
  const conditions: PodCondition[] = [];
  if (pending) conditions.push({ type: 'PodResizePending', status: 'True', reason: pending.reason, message: pending.message, observedGeneration: pending.generation });
  if (progress) conditions.push({ type: 'PodResizeInProgress', status: 'True', ...(progress.error === undefined ? {} : { reason: 'Error', message: progress.error }), observedGeneration: progress.generation });
  return conditions.map(stamped);
}
