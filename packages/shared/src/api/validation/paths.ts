import type { FieldError } from '../errors.ts';
import { invalid } from './field-errors.ts';

export function checkNoBacksteps(field: string, path: string): FieldError[] {
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : [];
}

/** A path that stays below where it starts. */
export function checkDescending(field: string, path: string | undefined): FieldError[] {
  if (!path) return [];
  const errors = path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : [];
  return [...errors, ...checkNoBacksteps(field, path)];
}

/** As {@link checkDescending}; names that start with '..' are kept for the atomic writer. */
export function checkFileName(field: string, path: string): FieldError[] {
  const isReserved = path.startsWith('..') && !path.startsWith('../');
  return [...checkDescending(field, path), ...(isReserved ? [invalid(field, path, "must not start with '..'")] : [])];
}
