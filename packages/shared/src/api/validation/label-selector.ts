import type { FieldError } from '../errors.ts';
import { isLabelValue, isQualifiedName } from '../names.ts';
import type { LabelSelector } from '../object-meta.ts';
import { check, eachOf, forbidden, invalid, required } from './field-errors.ts';
import { validateLabels } from './object-meta.ts';

export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  if (!selector) return [];
  return [
    ...validateLabels(selector.matchLabels, `${path}.matchLabels`),
    ...eachOf(selector.matchExpressions, `${path}.matchExpressions`, ({ key, operator, values }, at) => [
      ...validateOperator(operator, values?.length ?? 0, false, at),
      ...check(`${at}.key`, key, isQualifiedName),
      ...validateValues(values, at),
    ]),
  ];
}

export function validateValues(values: string[] | undefined, path: string): FieldError[] {
  return eachOf(values, `${path}.values`, (value, at) => check(at, value, isLabelValue));
}

/** How many values go with an operator; node selectors also compare. */
export function validateOperator(operator: string, count: number, compares: boolean, path: string): FieldError[] {
  if (operator === 'In' || operator === 'NotIn') {
    return count > 0 ? [] : [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
  }
  if (operator === 'Exists' || operator === 'DoesNotExist') {
    return count === 0 ? [] : [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  }
  if (compares && (operator === 'Gt' || operator === 'Lt')) {
    return count === 1 ? [] : [required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
  }
  return [invalid(`${path}.operator`, operator, 'not a valid selector operator')];
}
