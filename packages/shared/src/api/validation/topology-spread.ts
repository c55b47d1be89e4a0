import type { TopologySpreadConstraint } from '../affinity.ts';
import type { FieldError } from '../errors.ts';
import { validateLabelKeys } from './affinity.ts';
import { checkMember, duplicate, eachOf, invalid, required } from './field-errors.ts';
import { validateLabelSelector } from './label-selector.ts';

export function validateTopologySpread(constraints: TopologySpreadConstraint[] | undefined, path: string): FieldError[] {
  const last = new Map(constraints?.map((constraint, index) => [pairOf(constraint), index]));
  return eachOf(constraints, path, (constraint, at, index) => {
    const { maxSkew, topologyKey, whenUnsatisfiable, nodeAffinityPolicy, nodeTaintsPolicy, labelSelector } = constraint;
    const isRepeated = last.get(pairOf(constraint)) !== index;
    return [
      ...checkPositive(`${at}.maxSkew`, maxSkew),
      ...(topologyKey === '' ? [required(`${at}.topologyKey`, 'can not be empty')] : []),
      ...checkMember(`${at}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']),
      ...(isRepeated ? [duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pairOf(constraint))] : []),
      ...validateMinDomains(constraint, `${at}.minDomains`),
      ...checkMember(`${at}.nodeAffinityPolicy`, nodeAffinityPolicy, ['Honor', 'Ignore']),
      ...checkMember(`${at}.nodeTaintsPolicy`, nodeTaintsPolicy, ['Honor', 'Ignore']),
      ...validateLabelKeys(constraint, at),
      ...validateLabelSelector(labelSelector, `${at}.labelSelector`),
    ];
  });
}

function pairOf({ topologyKey, whenUnsatisfiable }: TopologySpreadConstraint): string {
  return `{${topologyKey}, ${whenUnsatisfiable}}`;
}

function checkPositive(field: string, value: number): FieldError[] {
  return value > 0 ? [] : [invalid(field, value, 'must be greater than zero')];
}

function validateMinDomains({ minDomains, whenUnsatisfiable }: TopologySpreadConstraint, path: string): FieldError[] {
  if (minDomains === undefined) return [];
  const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
  return [...checkPositive(path, minDomains), ...(whenUnsatisfiable === 'DoNotSchedule' ? [] : [invalid(path, minDomains, detail)])];
}
