import type { PodDisruptionBudget } from '@podling/shared/api';
import { podDisruptionBudgetKind } from '@podling/shared/scheme';
import { sameSpec } from '../generic/same-object.ts';
import { plainStrategy } from '../rest/plain-strategy.ts';
import { specFields, statusFields } from '../rest/reset-fields.ts';

const noStatus = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

export const podDisruptionBudgetStrategy = plainStrategy<PodDisruptionBudget>(podDisruptionBudgetKind, {
  allowsUnconditionalUpdate: false,
  resetFields: statusFields,
  prepareForCreate(budget) {
    budget.status = { ...noStatus };
    budget.metadata.generation = 1;
  },
  prepareForUpdate(budget, old) {
    budget.status = old.status ?? { ...noStatus };
    if (!sameSpec(budget.spec, old.spec)) budget.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
});

/** The disruption controller counts, and an eviction takes one off. */
export const podDisruptionBudgetStatusStrategy = plainStrategy<PodDisruptionBudget>(podDisruptionBudgetKind, {
  allowsUnconditionalUpdate: false,
  resetFields: specFields,
  prepareForUpdate(budget, old) {
    if (old.spec === undefined) delete budget.spec;
    else budget.spec = old.spec;
  },
  validateUpdate: podDisruptionBudgetKind.validateStatusUpdate,
});
