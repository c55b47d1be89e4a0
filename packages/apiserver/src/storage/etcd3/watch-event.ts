import type { IEvent, IKeyValue } from 'etcd3';
import type { KubeObject } from '@podling/shared/api';
import { Change } from '../change.ts';
import { StorageError } from '../errors.ts';
import { StoredObject } from '../stored-object.ts';

/** etcd's events as ours. Fails with `Compacted` when etcd no longer knows what a deleted key held. */
export function changesOf<T extends KubeObject>(events: readonly IEvent[], keyOf: (bytes: Buffer) => string): Change<T>[] {
  return events.map((event, index) => {
    const change = changeOf<T>(keyOf(event.kv.key), event);
    change.more = events[index + 1]?.kv.mod_revision === event.kv.mod_revision;
    return change;
  });
}

function changeOf<T extends KubeObject>(key: string, event: IEvent): Change<T> {
  const revision = event.kv.mod_revision;
  const before = known(event.prev_kv);
  if (event.type === 'Delete') {
    if (before === undefined) throw new StorageError('Compacted', `the last state of ${key} has been compacted`, { key });
    return new Change('deleted', StoredObject.fromStore<T>(key, before.value, revision));
  }
  const stored = StoredObject.fromStore<T>(key, event.kv.value, revision);
  if (event.kv.create_revision === revision) return new Change('added', stored);
  return new Change('modified', stored, { before: before && StoredObject.fromStore<T>(key, before.value, before.mod_revision) });
}

function known(kv: IKeyValue | null | undefined): IKeyValue | undefined {
  return kv === null || kv === undefined || kv.value.length === 0 ? undefined : kv;
}
