import { CriError } from '../cri.ts';

/** A request that cannot be meant: `path` is the field as CRI writes it, `config.metadata.name`. */
export function invalid(path: string, why: string): CriError {
  return new CriError('InvalidArgument', `${path}: ${why}`);
}

export function required<Value>(value: Value | null | undefined | '', path: string): Value {
  if (value === null || value === undefined || value === '') throw invalid(path, 'required');
  return value as Value;
}

/** A number that was sent as decimal text. */
export function number(value: string, path: string): number {
  const result = Number(value);
  if (!Number.isSafeInteger(result)) throw invalid(path, `${value} is out of range`);
  return result;
}

export function oneOf<Value extends string>(value: string | number, allowed: readonly Value[], path: string): Value {
  if (!allowed.includes(value as Value)) throw invalid(path, `${value} is not one of ${allowed.join(', ')}`);
  return value as Value;
}
