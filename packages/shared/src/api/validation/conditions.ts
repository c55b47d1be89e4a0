import type { Condition } from '../condition.ts';
import type { FieldError } from '../errors.ts';
import { isConditionReason, isQualifiedName } from '../names.ts';
import { check, checkMember, checkRequired, duplicate, duplicates, eachOf, invalid, required, tooLong } from './field-errors.ts';

const maxReasonBytes = 1024;
const maxMessageBytes = 32 * 1024;

/** The rules of the newer kinds' conditions. Upstream twin: apimachinery's `ValidateConditions`. */
export function validateConditions(conditions: Condition[] | undefined, path: string): FieldError[] {
  return [
    ...duplicates(conditions, ({ type }) => `:${type}`, ({ type }, index) => duplicate(`${path}[${index}].type`, type)),
    ...eachOf(conditions, path, validateCondition),
  ];
}

function validateCondition({ type, status, observedGeneration = 0, lastTransitionTime, reason, message }: Condition, at: string): FieldError[] {
  return [
    ...check(`${at}.type`, type, isQualifiedName),
    ...checkMember(`${at}.status`, status, ['False', 'True', 'Unknown']),
    ...(observedGeneration < 0 ? [invalid(`${at}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero')] : []),
    ...(lastTransitionTime ? [] : [required(`${at}.lastTransitionTime`)]),
    ...checkRequired(`${at}.reason`, reason, isConditionReason),
    ...(Buffer.byteLength(reason) > maxReasonBytes ? [tooLong(`${at}.reason`, maxReasonBytes)] : []),
    ...(Buffer.byteLength(message) > maxMessageBytes ? [tooLong(`${at}.message`, maxMessageBytes)] : []),
  ];
}
