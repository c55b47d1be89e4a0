import type { KubeObject } from '@podling/shared/api';
import type { Change } from '../../storage/change.ts';
import type { StoredObject } from '../../storage/stored-object.ts';

/** A change as one watcher sees it. */
export interface SelectedEvent<T extends KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  stored: StoredObject<T>;
}

/**
 * What a watcher with `predicate` is told of a change: an update that starts to match is ADDED, one that stops to match is
 * DELETED with the last matching state at the revision of the change, one that never matched is nothing. Where the store
 * no longer knows the state before, an update that does not match is told as DELETED: for who never saw it, a no-op.
 */
export function selectEvent<T extends KubeObject>(change: Change<T>, predicate: (object: T) => boolean): SelectedEvent<T> | undefined {
  const { type, stored, before } = change;
  const matches = predicate(stored.object);
  if (type === 'added') return matches ? { type: 'ADDED', stored } : undefined;
  if (type === 'deleted') return matches ? { type: 'DELETED', stored } : undefined;
  const matched = before === undefined || predicate(before.object);
  if (matches) return { type: matched ? 'MODIFIED' : 'ADDED', stored };
  return matched ? { type: 'DELETED', stored: (before ?? stored).at(change.revision) } : undefined;
}
