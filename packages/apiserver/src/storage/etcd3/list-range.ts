import type { IKeyValue, IRangeResponse } from 'etcd3';
import type { KubeObject } from '@podling/shared/api';
import { isStorageError, tooLarge } from '../errors.ts';
import { keyAfter } from '../keys.ts';
import type { StorageList, StorageListOptions } from '../storage.ts';
import { StoredObject } from '../stored-object.ts';
import { checkedRevision, isNewerRevision, startsFromPresent } from '../versioner.ts';
import type { Connection } from './connection.ts';

export interface KeyRange {
  from: Buffer;
  end: Buffer;
  keyOf(bytes: Buffer): string;
}

/** Keys per request: bounds what one answer holds and how long decoding it blocks others. */
const chunkSize = 500;
const maxRestarts = 3;

/** The objects of a range at one revision, read in chunks. */
export async function listRange<T extends KubeObject>(
  connection: Connection,
  range: KeyRange,
  options: StorageListOptions<T>,
): Promise<StorageList<T>> {
  const exact = exactRevision(options);
  for (let restart = 0; ; restart += 1) {
    try {
      return await new RangeReader(connection, range, options).read(exact);
    } catch (error) {
      // A compaction between two chunks: only a list that may be of any revision can begin again.
      if (exact !== undefined || restart === maxRestarts || !isStorageError(error, 'Compacted')) throw error;
    }
  }
}

function exactRevision(options: StorageListOptions<never>): string | undefined {
  const { resourceVersion, resourceVersionMatch, continueKey } = options;
  if (resourceVersion === undefined || startsFromPresent(resourceVersion)) return undefined;
  checkedRevision(resourceVersion);
  return resourceVersionMatch === 'Exact' || continueKey !== undefined ? resourceVersion : undefined;
}

class RangeReader<T extends KubeObject> {
  readonly #connection: Connection;
  readonly #range: KeyRange;
  readonly #options: StorageListOptions<T>;
  readonly #limit: number;
  readonly #entries: StoredObject<T>[] = [];

  constructor(connection: Connection, range: KeyRange, options: StorageListOptions<T>) {
    this.#connection = connection;
    this.#range = range;
    this.#options = options;
    this.#limit = options.limit !== undefined && options.limit > 0 ? options.limit : Number.POSITIVE_INFINITY;
  }

  async read(exact: string | undefined): Promise<StorageList<T>> {
    let revision = exact;
    let from = this.#range.from;
    for (;;) {
      const response = await this.#chunk(from, revision);
      revision ??= this.#freshEnough(response.header.revision);
      const scanned = this.#take(response.kvs);
      const last = response.kvs[scanned - 1];
      const left = Number(response.count) - scanned;
      if (left === 0 || last === undefined) return { stored: this.#entries, resourceVersion: revision };
      if (this.#entries.length >= this.#limit) return this.#page(revision, last.key, left);
      from = Buffer.from(keyAfter(last.key.toString('utf8')));
    }
  }

  #chunk(from: Buffer, revision: string | undefined): Promise<IRangeResponse> {
    const request = {
      key: from,
      range_end: this.#range.end,
      limit: this.#options.predicate === undefined ? Math.min(chunkSize, this.#limit - this.#entries.length) : chunkSize,
      serializable: this.#options.resourceVersion === '0' && revision === undefined,
      ...(revision !== undefined && { revision }),
    };
    return this.#connection.read((options) => this.#connection.client.kv.range(request, options));
  }

  /** Takes what fits and satisfies; gives how many were looked at. */
  #take(kvs: readonly IKeyValue[]): number {
    const { predicate } = this.#options;
    for (const [index, kv] of kvs.entries()) {
      if (this.#entries.length >= this.#limit) return index;
      const entry = StoredObject.fromStore<T>(this.#range.keyOf(kv.key), kv.value, kv.mod_revision);
      if (predicate === undefined || predicate(entry.object)) this.#entries.push(entry);
    }
    return kvs.length;
  }

  #page(resourceVersion: string, lastKey: Buffer, left: number): StorageList<T> {
    const continueKey = keyAfter(this.#range.keyOf(lastKey));
    const remaining = this.#options.predicate === undefined ? { remainingItemCount: left } : {};
    return { stored: this.#entries, resourceVersion, continueKey, ...remaining };
  }

  #freshEnough(revision: string): string {
    const { resourceVersion = '0' } = this.#options;
    if (!isNewerRevision(resourceVersion || '0', revision)) return revision;
    throw tooLarge(resourceVersion, revision);
  }
}
