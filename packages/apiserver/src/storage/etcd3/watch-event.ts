import type { IEvent, IKeyValue } from 'etcd3';
import type { KubeObject } from '@podling/shared/api';
import { decodeFromStore } from '../codec.ts';
import { StorageError } from '../errors.ts';
import type { StorageEvent } from '../storage.ts';
import { compareRevisions } from '../versioner.ts';
import type { ListedEntry } from './list-range.ts';

type Change<T> = Exclude<StorageEvent<T>, { type: 'bookmark' }>;

/** etcd's events as ours. Fails with `Compacted` when etcd no longer knows what a deleted key held. */
export function eventsOf<T extends KubeObject>(events: readonly IEvent[], keyOf: (bytes: Buffer) => string): StorageEvent<T>[] {
  return events.map((event, index) => {
    const translated = eventOf<T>(keyOf(event.kv.key), event);
    if (events[index + 1]?.kv.mod_revision === event.kv.mod_revision) translated.more = true;
    return translated;
  });
}

function eventOf<T extends KubeObject>(key: string, event: IEvent): Change<T> {
  const revision = event.kv.mod_revision;
  const before = known(event.prev_kv);
  if (event.type === 'Delete') {
    if (before === undefined) throw new StorageError('Compacted', `the last state of ${key} has been compacted`, { key });
    return { type: 'deleted', key, object: decodeFromStore<T>(key, before.value, revision), revision };
  }
  const object = decodeFromStore<T>(key, event.kv.value, revision);
  if (event.kv.create_revision === revision) return { type: 'added', key, object, revision };
  if (before === undefined) return { type: 'modified', key, object, revision };
  return modified(key, object, revision, before);
}

/** Decodes the state before only for those who look at it. */
function modified<T extends KubeObject>(key: string, object: T, revision: string, before: IKeyValue): Change<T> {
  let decoded: T | undefined;
  return {
    type: 'modified',
    key,
    object,
    get previous(): T {
      decoded ??= decodeFromStore<T>(key, before.value, before.mod_revision);
      return decoded;
    },
    revision,
  };
}

/** What is there as events, in the order of the last writes, so that a watch never goes back in time. */
export function initialEvents<T extends KubeObject>(entries: readonly ListedEntry<T>[]): StorageEvent<T>[] {
  return entries
    .map(({ key, object }): StorageEvent<T> => ({ type: 'added', key, object, revision: object.metadata.resourceVersion ?? '0' }))
    .sort((left, right) => compareRevisions(left.revision, right.revision));
}

function known(kv: IKeyValue | null | undefined): IKeyValue | undefined {
  return kv === null || kv === undefined || kv.value.length === 0 ? undefined : kv;
}
