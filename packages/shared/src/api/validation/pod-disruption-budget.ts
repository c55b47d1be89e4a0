import type { FieldError } from '../errors.ts';
import type { IntOrPercent } from '../int-or-percent.ts';
import { isPathSegmentName, isValidPercent } from '../names.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '../pod-disruption-budget.ts';
import { validateConditions } from './conditions.ts';
import { check, checkMember, checkNonNegative, invalid } from './field-errors.ts';
import { validateLabelSelector } from './label-selector.ts';
import { validateAnyMeta } from './object-meta.ts';

export function validatePodDisruptionBudget({ metadata, spec = {} }: PodDisruptionBudget): FieldError[] {
  return [...validateAnyMeta(metadata, { namespaced: true, name: isPathSegmentName }), ...validateSpec(spec)];
}

export function validatePodDisruptionBudgetUpdate({ spec = {} }: PodDisruptionBudget): FieldError[] {
  return validateSpec(spec);
}

export function validatePodDisruptionBudgetStatusUpdate({ status }: PodDisruptionBudget): FieldError[] {
  return [
    ...validateConditions(status?.conditions, 'status.conditions'),
    ...checkNonNegative('status.disruptionsAllowed', status?.disruptionsAllowed),
    ...checkNonNegative('status.currentHealthy', status?.currentHealthy),
    ...checkNonNegative('status.desiredHealthy', status?.desiredHealthy),
    ...checkNonNegative('status.expectedPods', status?.expectedPods),
  ];
}

function validateSpec(spec: PodDisruptionBudgetSpec): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec;
  const isTorn = minAvailable !== undefined && maxUnavailable !== undefined;
  return [
    ...(isTorn ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...validateCount('spec.minAvailable', minAvailable),
    ...validateCount('spec.maxUnavailable', maxUnavailable),
    ...validateLabelSelector(selector, 'spec.selector'),
    ...checkMember('spec.unhealthyPodEvictionPolicy', unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget']),
  ];
}

function validateCount(path: string, value: IntOrPercent | undefined): FieldError[] {
  if (typeof value !== 'string') return checkNonNegative(path, value);
  const malformed = check(path, value, isValidPercent);
  if (malformed.length > 0) return malformed;
  return Number(value.slice(0, -1)) > 100 ? [invalid(path, value, 'must not be greater than 100%')] : [];
}
