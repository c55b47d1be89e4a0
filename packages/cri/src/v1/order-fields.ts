import { loadMessage } from './services.ts';
import type { MessageField } from './services.ts';

/**
 * The message with its fields in the order of their numbers, and maps by their keys; without those that are not set, of which
 * `keepUnset` keeps its own as null. `name` is CRI's: `Container`.
 */
export function orderFields(name: string, message: object, { keepUnset = false } = {}): object {
  const entries = loadMessage(name).flatMap((field) => {
    const value = (message as Record<string, unknown>)[field.name];
    if (value === null && keepUnset) return [[field.name, null]];
    return value === null || value === undefined ? [] : [[field.name, ordered(field, value)]];
  });
  return Object.fromEntries(entries) as object;
}

function ordered(field: MessageField, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (field.map) return sorted(value as Record<string, unknown>);
  if (field.message === '' || field.values.size > 0) return value;
  return Array.isArray(value) ? value.map((one) => orderFields(field.message, one as object)) : orderFields(field.message, value as object);
}

/** A map comes in any order. */
function sorted(map: Record<string, unknown>): object {
  return Object.fromEntries(Object.keys(map).toSorted().map((key) => [key, map[key]]));
}
