import type { KubeObject } from '@podling/shared/api';
import type { Storage, StorageEvent } from '../storage.ts';

export interface Present {
  /** An ADDED for every object. */
  events: StorageEvent<KubeObject>[];
  revision: string;
}

/** A consistent read of everything under `prefix`, with keys: a watch up to its first bookmark. Undefined if aborted. */
export async function readPresent(storage: Storage, prefix: string, signal: AbortSignal): Promise<Present | undefined> {
  const events: StorageEvent<KubeObject>[] = [];
  for await (const event of storage.watch(prefix, { signal, bookmarks: true })) {
    if (event.type === 'bookmark') return { events, revision: event.revision };
    events.push(event);
  }
  return undefined;
}
