import type { KubeObject } from '@podling/shared/api';
import type { StoredObject } from './stored-object.ts';
import { compareRevisions } from './versioner.ts';

export type ChangeType = 'added' | 'modified' | 'deleted';

/** What one write did to one object. */
export class Change<T extends KubeObject = KubeObject> {
  readonly type: ChangeType;
  readonly key: string;
  readonly revision: string;
  /** The state after; of a deletion the last state, with the revision of the deletion as its resourceVersion. */
  readonly stored: StoredObject<T>;
  /** The state before a modification, absent if the store no longer knows it. */
  readonly before: StoredObject<T> | undefined;
  /** Set when further changes of the same revision follow. */
  more: boolean;

  constructor(type: ChangeType, stored: StoredObject<T>, options: { revision?: string; before?: StoredObject<T> | undefined; more?: boolean } = {}) {
    this.type = type;
    this.key = stored.key;
    this.stored = stored;
    this.revision = options.revision ?? stored.revision;
    this.before = options.before;
    this.more = options.more ?? false;
  }

  get object(): T {
    return this.stored.object;
  }

  get previous(): T | undefined {
    return this.before?.object;
  }
}

/** What is there as changes, in the order of the last writes, so that a watch never goes back in time. */
export function presentAsChanges<T extends KubeObject>(entries: Iterable<StoredObject<T>>): Change<T>[] {
  return Array.from(entries, (entry) => new Change('added', entry)).sort((left, right) => compareRevisions(left.revision, right.revision));
}
