import type { FieldError } from '../errors.ts';
import { equalJson } from '../json.ts';
import { isConfigMapKey } from '../names.ts';
import { check, forbidden } from './field-errors.ts';

/** What all values of a ConfigMap or Secret may hold together. */
export const DATA_LIMIT_BYTES = 1024 * 1024;

export function validateDataKeys(data: Record<string, string> | undefined, path: string): FieldError[] {
  return Object.keys(data ?? {}).flatMap((key) => check(`${path}[${key}]`, key, isConfigMapKey));
}

/** The size of base64 values once decoded. */
export function decodedBytes(data: Record<string, string> | undefined): number {
  return Object.values(data ?? {}).reduce((total, value) => total + Buffer.byteLength(value, 'base64'), 0);
}

/** Once `immutable` is true, neither it nor the fields named may change. */
export function validateImmutable<T extends { immutable?: boolean }>(next: T, previous: T, fields: readonly (keyof T & string)[]): FieldError[] {
  if (!previous.immutable) return [];
  const detail = 'field is immutable when `immutable` is set';
  const changed = fields.filter((field) => !equalJson(next[field] ?? {}, previous[field] ?? {}));
  return [...(next.immutable ? [] : ['immutable']), ...changed].map((field) => forbidden(field, detail));
}
