import type { PodCondition, PodStatus } from '@podling/shared/api';

/** Kubelets that do not know `observedGeneration` leave it as it was, in the status and in each condition. */
export function keepObservedGenerations(status: PodStatus, old: PodStatus = {}): PodStatus {
  const observedGeneration = status.observedGeneration ?? old.observedGeneration;
  const before = Map.groupBy(old.conditions ?? [], ({ type }) => type);
  const keep = (condition: PodCondition): PodCondition => {
    const generation = condition.observedGeneration ?? before.get(condition.type)?.shift()?.observedGeneration;
    return generation === undefined ? condition : { ...condition, observedGeneration: generation };
  };
  return {
    ...status,
    ...(observedGeneration !== undefined && { observedGeneration }),
    ...(status.conditions && { conditions: status.conditions.map(keep) }),
  };
}
