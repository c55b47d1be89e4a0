import type { FieldError } from '../errors.ts';

/** Builders of violations, with the text Kubernetes gives each. */

function describe(type: string, value: unknown, detail: string): string {
  const shown = JSON.stringify(value) ?? 'null';
  return `${type}: ${shown}${suffix(detail)}`;
}

const suffix = (detail: string) => (detail === '' ? '' : `: ${detail}`);

export function required(field: string, detail = ''): FieldError {
  return { field, reason: 'FieldValueRequired', message: `Required value${suffix(detail)}` };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: describe('Invalid value', value, detail) };
}

export function duplicate(field: string, value: unknown, detail = ''): FieldError {
  return { field, reason: 'FieldValueDuplicate', message: describe('Duplicate value', value, detail) };
}

export function notFound(field: string, value: unknown, detail = ''): FieldError {
  return { field, reason: 'FieldValueNotFound', message: describe('Not found', value, detail) };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((one) => JSON.stringify(one)).join(', ');
  return { field, reason: 'FieldValueNotSupported', message: describe('Unsupported value', value, `supported values: ${list}`) };
}

export function forbidden(field: string, detail: string): FieldError {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${detail}` };
}

export function tooLong(field: string, maxBytes: number): FieldError {
  return { field, reason: 'FieldValueTooLong', message: `Too long: may not be more than ${maxBytes} bytes` };
}

export function tooMany(field: string, actual: number, limit: number): FieldError {
  return { field, reason: 'FieldValueTooMany', message: `Too many: ${actual}: must have at most ${limit} items` };
}

/** A closed set; '' is a member only where `members` says so. Members are told in the order given. */
export function checkMember(field: string, value: string | undefined, members: readonly string[]): FieldError[] {
  return value === undefined || members.includes(value) ? [] : [notSupported(field, value, members)];
}

/** As {@link checkMember}, but '' is a violation of its own. */
export function checkRequiredMember(field: string, value: string | undefined, members: readonly string[]): FieldError[] {
  return value ? checkMember(field, value, members) : [required(field)];
}

/** One violation for each reason a check gives. */
export function check(field: string, value: string, reasonsOf: (value: string) => string[]): FieldError[] {
  return reasonsOf(value).map((reason) => invalid(field, value, reason));
}

/** As {@link check}, but an absent value is a violation of its own. */
export function checkRequired(field: string, value: string | undefined, reasonsOf: (value: string) => string[] = () => []): FieldError[] {
  return value ? check(field, value, reasonsOf) : [required(field)];
}

export function checkOptional(field: string, value: string | undefined, reasonsOf: (value: string) => string[]): FieldError[] {
  return value ? check(field, value, reasonsOf) : [];
}

export const NEGATIVE = 'must be greater than or equal to 0';

export function checkNonNegative(field: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(field, value, NEGATIVE)] : [];
}

export function checkRange(field: string, value: number | undefined, min: number, max: number): FieldError[] {
  if (value === undefined || (value >= min && value <= max)) return [];
  return [invalid(field, value, `must be between ${min} and ${max}, inclusive`)];
}

/** Runs `validate` over a list with the path of each element. */
export function eachOf<T>(list: readonly T[] | undefined, path: string, validate: (item: T, path: string, index: number) => FieldError[]): FieldError[] {
  return (list ?? []).flatMap((item, index) => validate(item, `${path}[${index}]`, index));
}

/** Reports the second and later element that `keyOf` maps to the same key; '' and undefined are never duplicates. */
export function duplicates<T>(
  list: readonly T[] | undefined, keyOf: (item: T) => string | undefined, report: (item: T, index: number, key: string) => FieldError,
): FieldError[] {
  const seen = new Set<string>();
  return (list ?? []).flatMap((item, index) => {
    const key = keyOf(item);
    if (!key) return [];
    if (seen.has(key)) return [report(item, index, key)];
    seen.add(key);
    return [];
  });
}
