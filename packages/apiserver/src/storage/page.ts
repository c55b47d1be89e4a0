import type { KubeObject } from '@podling/shared/api';
import { keyAfter } from './keys.ts';
import type { StorageList, StorageListOptions } from './storage.ts';
import type { StoredObject } from './stored-object.ts';

/** The index of the first entry whose key is not before `key`. */
export function lowerBound(sorted: readonly { key: string }[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.key ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Cuts one page out of `entries`, which are in key order, up to the index `end` and from `options.continueKey` on. */
export function cutPage<T extends KubeObject>(
  entries: readonly StoredObject[],
  range: { start: number; end: number },
  resourceVersion: string,
  options: StorageListOptions<T>,
): StorageList<T> {
  const { continueKey, limit: wanted = 0, predicate } = options;
  const limit = wanted > 0 ? wanted : Number.POSITIVE_INFINITY;
  const stored: StoredObject<T>[] = [];
  let index = continueKey === undefined ? range.start : Math.max(range.start, lowerBound(entries, continueKey));
  for (; index < range.end && stored.length < limit; index += 1) {
    const entry = entries[index] as StoredObject<T>;
    if (predicate === undefined || predicate(entry.object)) stored.push(entry);
  }
  const left = range.end - index;
  if (left <= 0) return { stored, resourceVersion };
  const continueKeyAfter = keyAfter(entries[index - 1]?.key ?? '');
  return { stored, resourceVersion, continueKey: continueKeyAfter, ...(predicate === undefined && { remainingItemCount: left }) };
}
