import type { FieldError } from '../errors.ts';
import { systemPriorityClasses, type PriorityClass } from '../priority-class.ts';
import { forbidden } from './field-errors.ts';
import { immutableField, validateMeta, validateMetaUpdate } from './object-meta.ts';

const SYSTEM_PREFIX = 'system-';
const HIGHEST_USER_PRIORITY = 1_000_000_000;

export function validatePriorityClass(priorityClass: PriorityClass): FieldError[] {
  return [...validateMeta(priorityClass.metadata, { namespaced: false }), ...validateRank(priorityClass)];
}

export function validatePriorityClassUpdate(next: PriorityClass, previous: PriorityClass): FieldError[] {
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...(next.value === previous.value ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...immutableField('preemptionPolicy', next.preemptionPolicy, previous.preemptionPolicy),
  ];
}

function validateRank(priorityClass: PriorityClass): FieldError[] {
  if (!priorityClass.metadata.name.startsWith(SYSTEM_PREFIX)) {
    const tooHigh = priorityClass.value > HIGHEST_USER_PRIORITY;
    return tooHigh ? [forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`)] : [];
  }
  const problem = systemProblem(priorityClass);
  return problem ? [forbidden('metadata.name', `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${problem}`)] : [];
}

function systemProblem({ metadata: { name }, value, globalDefault = false }: PriorityClass): string | undefined {
  const known = systemPriorityClasses.find(({ metadata }) => metadata.name === name);
  if (!known) return `${name} is not a known system priority class`;
  if (known.value !== value) return `value of ${name} PriorityClass must be ${known.value}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
