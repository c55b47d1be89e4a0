import type { KubeObject } from '@podling/shared/api';
import type { StorageEvent } from '../../storage/storage.ts';

/** A change as one watcher sees it. `object` is shared, except where a selector made the change its own. */
export interface SelectedEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
}

function at<T extends KubeObject>(object: T, resourceVersion: string): T {
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

/**
 * What a watcher with `predicate` is told of a change: an update that starts to match is ADDED, one that stops to match is
 * DELETED with the last matching state at the revision of the change, one that never matched is nothing. Where the store
 * no longer knows the state before, an update that does not match is told as DELETED: for who never saw it, a no-op.
 */
export function selectEvent<T extends KubeObject>(
  event: Exclude<StorageEvent<T>, { type: 'bookmark' }>,
  predicate: ((object: T) => boolean) | undefined,
): SelectedEvent<T> | undefined {
  const { type, object } = event;
  if (type === 'added') return !predicate || predicate(object) ? { type: 'ADDED', object } : undefined;
  if (type === 'deleted') return !predicate || predicate(object) ? { type: 'DELETED', object } : undefined;
  if (!predicate) return { type: 'MODIFIED', object };
  const { previous } = event;
  const matched = previous === undefined || predicate(previous);
  if (predicate(object)) return { type: matched ? 'MODIFIED' : 'ADDED', object };
  return matched ? { type: 'DELETED', object: at(previous ?? object, event.revision) } : undefined;
}
