/**
 * The `Storage` that keeps everything in etcd. One transaction per write, compared on the key's mod revision; values are
 * JSON that `etcdctl get` shows. Upstream twin: apiserver's `storage/etcd3` store.
 */
import type { IKeyValue, IPutRequest, IRequestOp, ITxnResponse } from 'etcd3';
import type { KubeObject } from '@podling/shared/api';
import type { Clock, Logger } from '@podling/shared/util';
import { decodeFromStore, encodeForStore, withRevision } from '../codec.ts';
import { StorageError } from '../errors.ts';
import { checkedPrefix, prefixEnd, registryRoot } from '../keys.ts';
import type { Storage, StorageEvent, StorageList, StorageListOptions, StorageWatchOptions } from '../storage.ts';
import { checkedRevision, startsFromPresent } from '../versioner.ts';
import { Connection } from './connection.ts';
import type { Etcd3Tls } from './connection.ts';
import { LeaseManager } from './lease-manager.ts';
import { listRange } from './list-range.ts';
import type { ListedRange } from './list-range.ts';
import { serverSupport } from './server-support.ts';
import { Watcher } from './watcher.ts';
import { eventsOf, initialEvents } from './watch-event.ts';

export interface Etcd3StorageOptions {
  endpoints: readonly string[];
  tls?: Etcd3Tls;
  /** Root of our keys in etcd; default `/registry`. */
  prefix?: string;
  clock: Clock;
  logger: Logger;
  /** Every request ends within this time; default 10,000. */
  requestTimeoutMs?: number;
  /** A watch that is silent for this long asks for progress; default 10,000. */
  progressIntervalMs?: number;
  /** A watch that then stays silent for this long is resumed on a new stream; default 5,000. */
  livenessTimeoutMs?: number;
}

const maxAttempts = 256;

export class Etcd3Storage implements Storage {
  readonly #connection: Connection;
  readonly #leases: LeaseManager;
  readonly #root: string;
  readonly #options: Required<Pick<Etcd3StorageOptions, 'clock' | 'logger' | 'requestTimeoutMs' | 'progressIntervalMs' | 'livenessTimeoutMs'>>;
  readonly #trustsProgress: () => Promise<boolean>;

  constructor(options: Etcd3StorageOptions) {
    const { requestTimeoutMs = 10_000, progressIntervalMs = 10_000, livenessTimeoutMs = 5_000 } = options;
    this.#options = { ...options, requestTimeoutMs, progressIntervalMs, livenessTimeoutMs };
    this.#connection = new Connection({ ...options, requestTimeoutMs });
    this.#leases = new LeaseManager(this.#connection, options.clock);
    this.#root = (options.prefix ?? registryRoot).replace(/\/+$/, '');
    this.#trustsProgress = serverSupport(this.#connection, options.logger);
  }

  async create<T extends KubeObject>(key: string, object: T, options?: { ttlSeconds?: number }): Promise<T> {
    const put = { key: this.#etcdKey(key), value: encodeForStore(key, object) };
    const response = await this.#putIf(key, '0', put, options?.ttlSeconds);
    if (!response.succeeded) throw new StorageError('KeyExists', `key ${key} exists`, { key });
    return withRevision(object, response.header.revision);
  }

  async get<T extends KubeObject>(key: string): Promise<T> {
    return decode<T>(key, await this.#read(key));
  }

  async list<T extends KubeObject>(prefix: string, options: StorageListOptions<T> = {}): Promise<StorageList<T>> {
    const { entries, ...rest } = await this.#page(prefix, options);
    return { items: entries.map((entry) => entry.object), ...rest };
  }

  async *watch<T extends KubeObject>(prefix: string, options: StorageWatchOptions): AsyncGenerator<StorageEvent<T>> {
    const { signal, resourceVersion, bookmarks = false } = options;
    checkedPrefix(prefix);
    if (signal.aborted) return;
    let revision = checkedRevision(resourceVersion || '0');
    if (startsFromPresent(revision)) {
      const present = await this.#page<T>(prefix, {});
      yield* initialEvents(present.entries);
      revision = present.resourceVersion;
      if (bookmarks) yield { type: 'bookmark', revision };
    }
    for await (const batch of this.#watcher(prefix, revision, signal).batches()) {
      if ('events' in batch) yield* eventsOf<T>(batch.events, this.#keyOf);
      else if (bookmarks) yield { type: 'bookmark', revision: batch.progress };
    }
  }

  async guaranteedUpdate<T extends KubeObject>(
    key: string,
    update: (current: T) => T | Promise<T>,
    options?: { ttlSeconds?: number },
  ): Promise<T> {
    let kv = await this.#read(key);
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const updated = await update(decode<T>(key, kv));
      const value = encodeForStore(key, updated);
      if (value.equals(kv.value)) return withRevision(updated, kv.mod_revision);
      const response = await this.#putIf(key, kv.mod_revision, { key: kv.key, value }, options?.ttlSeconds);
      if (response.succeeded) return withRevision(updated, response.header.revision);
      kv = foundIn(response, key);
    }
    throw new StorageError('Conflict', `update of ${key} lost ${maxAttempts} times`, { key });
  }

  async delete<T extends KubeObject>(key: string, validate?: (current: T) => void): Promise<T> {
    let kv = await this.#read(key);
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      validate?.(decode<T>(key, kv));
      const response = await this.#commitIf(key, kv.mod_revision, { request_delete_range: { key: kv.key } });
      if (response.succeeded) return decodeFromStore<T>(key, kv.value, response.header.revision);
      kv = foundIn(response, key);
    }
    throw new StorageError('Conflict', `delete of ${key} lost ${maxAttempts} times`, { key });
  }

  async currentRevision(): Promise<string> {
    const key = this.#etcdKey(registryRoot);
    const response = await this.#connection.read((options) => this.#connection.client.kv.range({ key, count_only: true }, options));
    return response.header.revision;
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #page<T extends KubeObject>(prefix: string, options: StorageListOptions<T>): Promise<ListedRange<T>> {
    const from = this.#etcdKey(options.continueKey ?? checkedPrefix(prefix));
    const range = { from, end: this.#etcdKey(prefixEnd(prefix)), keyOf: this.#keyOf };
    return listRange(this.#connection, range, options);
  }

  #watcher(prefix: string, revision: string, signal: AbortSignal): Watcher {
    const range = { key: this.#etcdKey(prefix), rangeEnd: this.#etcdKey(prefixEnd(prefix)), revision };
    const { requestTimeoutMs: giveUpAfterMs } = this.#options;
    const currentRevision = (): Promise<string> => this.currentRevision();
    return new Watcher(this.#connection, range, { ...this.#options, giveUpAfterMs, trustsProgress: this.#trustsProgress, currentRevision }, signal);
  }

  async #read(key: string): Promise<IKeyValue> {
    const request = { key: this.#etcdKey(key) };
    const response = await this.#connection.read((options) => this.#connection.client.kv.range(request, options), key);
    return found(response.kvs[0], key);
  }

  #putIf(key: string, revision: string, put: IPutRequest, ttlSeconds: number | undefined): Promise<ITxnResponse> {
    if (ttlSeconds !== undefined) {
      return this.#leases.withLease(ttlSeconds, (lease) => this.#commitIf(key, revision, { request_put: { ...put, lease } }));
    }
    // An update without a TTL of its own keeps the lease that the key has.
    return this.#commitIf(key, revision, { request_put: { ...put, ignore_lease: revision !== '0' } });
  }

  /** `operation` if the key is at `revision` ('0': absent), else the key's present state. */
  #commitIf(key: string, revision: string, operation: IRequestOp): Promise<ITxnResponse> {
    const etcdKey = this.#etcdKey(key);
    const request = {
      compare: [{ key: etcdKey, target: 'Mod' as const, result: 'Equal' as const, mod_revision: revision }],
      success: [operation],
      failure: [{ request_range: { key: etcdKey } }],
    };
    return this.#connection.write((options) => this.#connection.client.kv.txn(request, options), key);
  }

  #etcdKey(key: string): Buffer {
    return Buffer.from(this.#root + key.slice(registryRoot.length));
  }

  readonly #keyOf = (bytes: Buffer): string => registryRoot + bytes.toString('utf8').slice(this.#root.length);
}

export function createEtcd3Storage(options: Etcd3StorageOptions): Etcd3Storage {
  return new Etcd3Storage(options);
}

function decode<T extends KubeObject>(key: string, kv: IKeyValue): T {
  return decodeFromStore<T>(key, kv.value, kv.mod_revision);
}

function found(kv: IKeyValue | undefined, key: string): IKeyValue {
  if (kv === undefined) throw new StorageError('KeyNotFound', `key ${key} not found`, { key });
  return kv;
}

function foundIn(response: ITxnResponse, key: string): IKeyValue {
  return found(response.responses[0]?.response_range.kvs[0], key);
}
