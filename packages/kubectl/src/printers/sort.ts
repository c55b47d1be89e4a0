import { compareQuantities, isQuantity } from '@podling/shared/api';
import { CommandError } from '../errors.ts';
import { find } from '../json-path/evaluate.ts';
import { parsePath } from '../json-path/parse.ts';
import type { Step } from '../json-path/syntax.ts';
import type { AnyObject } from '../resource/object.ts';

/** Puts what holds objects in order. */
export type Sort = <T>(items: readonly T[], objectOf: (item: T) => AnyObject) => T[];

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== 'string' || typeof b !== 'string') throw new CommandError(`unsortable type: ${typeof a === 'string' ? typeof b : typeof a}`);
  if (isQuantity(a) && isQuantity(b)) return compareQuantities(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function parseField(field: string): Step[] {
  try {
    return parsePath(field);
  } catch (error) {
    throw new CommandError((error as Error).message, { cause: error });
  }
}

/** By the value of a field, amounts by their size; objects without the field come first. */
export function sortBy(field: string): Sort {
  const path = parseField(field);
  return (items, objectOf) => {
    const keyed = items.map((item) => ({ item, key: find(path, [objectOf(item)], { allowMissingKeys: true })[0] ?? undefined }));
    if (keyed.length > 0 && keyed.every(({ key }) => key === undefined)) {
      throw new CommandError(`couldn't find any field with path ${JSON.stringify(`{${field.replace(/^\{|\}$/g, '').replace(/^\.?/, '.')}}`)} in the list of objects`);
    }
    const sorted = keyed.toSorted((a, b) => {
      if (a.key === undefined || b.key === undefined) return Number(a.key !== undefined) - Number(b.key !== undefined);
      return compare(a.key, b.key);
    });
    return sorted.map(({ item }) => item);
  };
}
