import type { KubeObject } from '@podling/shared/api';
import { keyAfter } from './keys.ts';
import type { StorageList, StorageListOptions } from './storage.ts';

export interface Keyed {
  key: string;
  object: KubeObject;
}

/** Cuts one page out of all entries of a prefix, which are in key order, from `options.continueKey` on. */
export function cutPage<T extends KubeObject>(
  entries: readonly Keyed[],
  resourceVersion: string,
  options: StorageListOptions<T>,
): StorageList<T> {
  const { continueKey: from = '', limit, predicate } = options;
  const items: T[] = [];
  let index = entries.findIndex((entry) => entry.key >= from);
  if (index < 0) index = entries.length;
  for (; index < entries.length && (limit === undefined || limit <= 0 || items.length < limit); index += 1) {
    const object = entries[index]?.object as T;
    if (predicate === undefined || predicate(object)) items.push(object);
  }
  const left = entries.length - index;
  if (left === 0) return { items, resourceVersion };
  const continueKey = keyAfter(entries[index - 1]?.key ?? '');
  return { items, resourceVersion, continueKey, ...(predicate === undefined && { remainingItemCount: left }) };
}
