import type { Toleration } from '../affinity.ts';
import type { FieldError } from '../errors.ts';
import { isLabelValue, isQualifiedName } from '../names.ts';
import { checkMember, checkOptional, eachOf, invalid, notSupported } from './field-errors.ts';

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTolerations(tolerations: Toleration[] | undefined, path: string): FieldError[] {
  return eachOf(tolerations, path, (toleration, at) => {
    const { key, operator = '', effect = '', tolerationSeconds } = toleration;
    const keyless = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    return [
      ...checkOptional(`${at}.key`, key, isQualifiedName),
      ...(!key && operator !== 'Exists' ? [invalid(`${at}.operator`, operator, keyless)] : []),
      ...(tolerationSeconds !== undefined && effect !== 'NoExecute'
        ? [invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")]
        : []),
      ...validateValue(operator, toleration.value ?? '', at),
      ...(effect === '' ? [] : checkMember(`${at}.effect`, effect, taintEffects)),
    ];
  });
}

function validateValue(operator: string, value: string, path: string): FieldError[] {
  if (operator === 'Exists') return value === '' ? [] : [invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")];
  if (operator === 'Lt' || operator === 'Gt') return [notSupported(`${path}.operator`, operator, ['Equal', 'Exists', 'Lt', 'Gt'])];
  if (operator !== 'Equal' && operator !== '') return [notSupported(`${path}.operator`, operator, ['Equal', 'Exists'])];
  const reasons = isLabelValue(value);
  return reasons.length > 0 ? [invalid(`${path}.operator`, value, reasons.join(';'))] : [];
}
