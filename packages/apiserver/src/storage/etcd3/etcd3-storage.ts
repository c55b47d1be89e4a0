/**
 * The `Storage` that keeps everything in etcd. One transaction per write, compared on the key's mod revision; values are
 * JSON that `etcdctl get` shows. Upstream twin: apiserver's `storage/etcd3` store.
 */
import type { ICompare, IKeyValue, IPutRequest, IRequestOp, ITxnResponse } from 'etcd3';
import type { KubeObject } from '@podling/shared/api';
import type { Clock, Logger } from '@podling/shared/util';
import { presentAsChanges } from '../change.ts';
import { decodeFromStore, encodeForStore, writtenObject } from '../codec.ts';
import { StorageError, isStorageError, requirementFailed, tooLarge } from '../errors.ts';
import { checkedPrefix, prefixEnd, registryRoot } from '../keys.ts';
import type { Storage, StorageCreateOptions, StorageEvent, StorageList, StorageListOptions, StorageWatch, StorageWatchOptions } from '../storage.ts';
import { StoredObject } from '../stored-object.ts';
import { checkedRevision, isNewerRevision, startsFromPresent } from '../versioner.ts';
import { Connection } from './connection.ts';
import type { Etcd3Tls } from './connection.ts';
import { LeaseManager } from './lease-manager.ts';
import { listRange } from './list-range.ts';
import { serverSupport } from './server-support.ts';
import { Watcher } from './watcher.ts';
import { SharedQuestion } from './shared-question.ts';
import { changesOf } from './watch-event.ts';

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

type Requirement = NonNullable<StorageCreateOptions['requires']>;

export class Etcd3Storage implements Storage {
  readonly #connection: Connection;
  readonly #leases: LeaseManager;
  readonly #root: string;
  readonly #options: Required<Pick<Etcd3StorageOptions, 'clock' | 'logger' | 'requestTimeoutMs' | 'progressIntervalMs' | 'livenessTimeoutMs'>>;
  readonly #trustsProgress: () => Promise<boolean>;
  readonly #currentRevision = new SharedQuestion(() => this.#readRevision());

  constructor(options: Etcd3StorageOptions) {
    const { requestTimeoutMs = 10_000, progressIntervalMs = 10_000, livenessTimeoutMs = 5_000 } = options;
    this.#options = { ...options, requestTimeoutMs, progressIntervalMs, livenessTimeoutMs };
    this.#connection = new Connection({ ...options, requestTimeoutMs });
    this.#leases = new LeaseManager(this.#connection, options.clock);
    this.#root = (options.prefix ?? registryRoot).replace(/\/+$/, '');
    this.#trustsProgress = serverSupport(this.#connection, options.logger);
  }

  async create<T extends KubeObject>(key: string, object: T, options?: StorageCreateOptions): Promise<T> {
    const bytes = encodeForStore(key, object);
    const { ttlSeconds, requires } = options ?? {};
    const response = await this.#putIf(key, '0', { key: this.#etcdKey(key), value: bytes }, ttlSeconds, requires);
    if (!response.succeeded) throw notCreated(response, key, requires?.key);
    return writtenObject(object, { key, bytes, revision: response.header.revision });
  }

  async get<T extends KubeObject>(key: string, options: { resourceVersion?: string } = {}): Promise<StoredObject<T>> {
    const kv = await this.#read(key, checkedRevision(options.resourceVersion || '0'));
    return StoredObject.fromStore<T>(key, kv.value, kv.mod_revision);
  }

  async list<T extends KubeObject>(prefix: string, options: StorageListOptions<T> = {}): Promise<StorageList<T>> {
    const from = this.#etcdKey(options.continueKey ?? checkedPrefix(prefix));
    const range = { from, end: this.#etcdKey(prefixEnd(checkedPrefix(prefix))), keyOf: this.#keyOf };
    try {
      return await listRange(this.#connection, range, options);
    } catch (error) {
      if (!isStorageError(error, 'TooLargeResourceVersion')) throw error;
      throw tooLarge(options.resourceVersion ?? '', await this.currentRevision());
    }
  }

  watch<T extends KubeObject>(prefix: string, options: StorageWatchOptions): StorageWatch<T> {
    return this.#watch<T>(checkedPrefix(prefix), options);
  }

  async *#watch<T extends KubeObject>(prefix: string, options: StorageWatchOptions): AsyncGenerator<StorageEvent<T>, undefined> {
    const { signal, resourceVersion, bookmarks = false, sendInitialEvents = startsFromPresent(resourceVersion) } = options;
    if (signal.aborted) return undefined;
    let revision = checkedRevision(resourceVersion || '0');
    if (sendInitialEvents || revision === '0') {
      const present = await this.list<T>(prefix, { resourceVersion: revision === '0' ? '' : revision });
      if (sendInitialEvents) yield* presentAsChanges(present.stored);
      revision = present.resourceVersion;
      if (bookmarks && sendInitialEvents) yield { type: 'bookmark', revision };
    }
    for await (const batch of this.#watcher(prefix, revision, options).batches()) {
      if ('events' in batch) yield* changesOf<T>(batch.events, this.#keyOf);
      else if (bookmarks) yield { type: 'bookmark', revision: batch.progress };
    }
    return undefined;
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
      if (value.equals(kv.value)) return writtenObject(updated, { key, bytes: value, revision: kv.mod_revision });
      const response = await this.#putIf(key, kv.mod_revision, { key: kv.key, value }, options?.ttlSeconds);
      if (response.succeeded) return writtenObject(updated, { key, bytes: value, revision: response.header.revision });
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

  currentRevision(): Promise<string> {
    return this.#currentRevision.ask();
  }

  tellsProgress(): Promise<boolean> {
    return this.#trustsProgress();
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #watcher(prefix: string, revision: string, { signal, progress }: StorageWatchOptions): Watcher {
    const range = { key: this.#etcdKey(prefix), rangeEnd: this.#etcdKey(prefixEnd(prefix)), revision };
    const { requestTimeoutMs: giveUpAfterMs } = this.#options;
    const currentRevision = (): Promise<string> => this.currentRevision();
    const options = { ...this.#options, giveUpAfterMs, trustsProgress: this.#trustsProgress, currentRevision, progress };
    return new Watcher(this.#connection, range, options, signal);
  }

  async #readRevision(): Promise<string> {
    const key = this.#etcdKey(registryRoot);
    const response = await this.#connection.read((options) => this.#connection.client.kv.range({ key, count_only: true }, options));
    return response.header.revision;
  }

  async #read(key: string, notOlderThan = '0'): Promise<IKeyValue> {
    const request = { key: this.#etcdKey(key) };
    const response = await this.#connection.read((options) => this.#connection.client.kv.range(request, options), key);
    if (isNewerRevision(notOlderThan, response.header.revision)) throw tooLarge(notOlderThan, response.header.revision);
    return found(response.kvs[0], key);
  }

  #putIf(key: string, revision: string, put: IPutRequest, ttlSeconds: number | undefined, requires?: Requirement): Promise<ITxnResponse> {
    if (ttlSeconds !== undefined) {
      return this.#leases.withLease(ttlSeconds, (lease) => this.#commitIf(key, revision, { request_put: { ...put, lease } }, requires));
    }
    // An update without a TTL of its own keeps the lease that the key has.
    return this.#commitIf(key, revision, { request_put: { ...put, ignore_lease: revision !== '0' } }, requires);
  }

  /** `operation` if the key is at `revision` ('0': absent) and what it requires holds, else the key's present state. */
  #commitIf(key: string, revision: string, operation: IRequestOp, requires?: Requirement): Promise<ITxnResponse> {
    const etcdKey = this.#etcdKey(key);
    const required = requires ? [this.#isAt(requires.key, requires.resourceVersion)] : [];
    const request = {
      compare: [this.#isAt(key, revision), ...required],
      success: [operation],
      failure: [{ request_range: { key: etcdKey } }],
    };
    return this.#connection.write((options) => this.#connection.client.kv.txn(request, options), key);
  }

  #isAt(key: string, revision: string): ICompare {
    return { key: this.#etcdKey(key), target: 'Mod', result: 'Equal', mod_revision: checkedRevision(revision) };
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

/** The key is not there: then it was the requirement that did not hold. */
function notCreated(response: ITxnResponse, key: string, requiredKey: string | undefined): StorageError {
  const isThere = response.responses[0]?.response_range.kvs[0] !== undefined;
  return isThere || requiredKey === undefined ? new StorageError('KeyExists', `key ${key} exists`, { key }) : requirementFailed(requiredKey);
}

function foundIn(response: ITxnResponse, key: string): IKeyValue {
  return found(response.responses[0]?.response_range.kvs[0], key);
}
