import { formatTime } from './meta.ts';
import type { Condition } from './condition.ts';
import type { PodDisruptionBudgetStatus } from './pod-disruption-budget.ts';

const type = 'DisruptionAllowed';

/** Absent until the controller has looked at the budget. */
export function disruptionAllowed(status: Pick<PodDisruptionBudgetStatus, 'conditions'> | undefined): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** The status with that condition; its time is now if it says something else than before. */
export function withDisruptionAllowed(
  status: PodDisruptionBudgetStatus, verdict: Pick<Condition, 'status' | 'reason' | 'message'>, nowMs: number,
): PodDisruptionBudgetStatus {
  const { conditions = [], observedGeneration = 0 } = status;
  const old = disruptionAllowed(status);
  const lastTransitionTime = old?.status === verdict.status ? old.lastTransitionTime : formatTime(new Date(nowMs));
  const next: Condition = { type, ...verdict, lastTransitionTime, ...(observedGeneration > 0 && { observedGeneration }) };
  return { ...status, conditions: old ? conditions.map((each) => (each === old ? next : each)) : [...conditions, next] };
}

/** What the condition says of the number alone. Upstream twin: `UpdateDisruptionAllowedCondition`. */
export function verdictOf({ disruptionsAllowed }: Pick<PodDisruptionBudgetStatus, 'disruptionsAllowed'>): Pick<Condition, 'status' | 'reason' | 'message'> {
  return disruptionsAllowed > 0
    ? { status: 'True', reason: 'SufficientPods', message: '' }
    : { status: 'False', reason: 'InsufficientPods', message: '' };
}
