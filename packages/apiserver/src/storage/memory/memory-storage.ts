/**
 * A `Storage` in the memory of the process, with etcd's rules: one revision for the whole store, compare-and-swap,
 * a bounded history that ends in `Compacted`. For tests and for `--storage memory`. Upstream twin: none; etcd's mvcc.
 */
import type { KubeObject } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import { Change, presentAsChanges } from '../change.ts';
import { decodeFromStore, encodeForStore, writtenObject } from '../codec.ts';
import { StorageError, requirementFailed, tooLarge } from '../errors.ts';
import { checkedPrefix } from '../keys.ts';
import { Notifier } from '../notifier.ts';
import { cutPage } from '../page.ts';
import type { Storage, StorageCreateOptions, StorageEvent, StorageList, StorageListOptions, StorageWatch, StorageWatchOptions } from '../storage.ts';
import { StoredObject } from '../stored-object.ts';
import { checkedRevision, startsFromPresent } from '../versioner.ts';
import { EventLog } from './event-log.ts';
import type { Entry, Lease, LoggedChange } from './event-log.ts';

export interface MemoryStorageOptions {
  clock: Clock;
  /** Changes kept at least; default 10,000. */
  historySize?: number;
  /** Default 1.5 MiB, as etcd's. */
  maxObjectBytes?: number;
  /** At most one bookmark per watch in this time; default 10,000. */
  bookmarkIntervalMs?: number;
}

const firstRevision = 1;
const maxAttempts = 256;

export class MemoryStorage implements Storage {
  readonly #clock: Clock;
  readonly #maxObjectBytes: number;
  readonly #bookmarkIntervalMs: number;
  readonly #entries = new Map<string, Entry>();
  readonly #log: EventLog;
  readonly #changed = new Notifier();
  #revision = firstRevision;
  #closed = false;

  constructor(options: MemoryStorageOptions) {
    this.#clock = options.clock;
    this.#maxObjectBytes = options.maxObjectBytes ?? 1.5 * 1024 * 1024;
    this.#bookmarkIntervalMs = options.bookmarkIntervalMs ?? 10_000;
    this.#log = new EventLog(options.historySize ?? 10_000, firstRevision);
  }

  async create<T extends KubeObject>(key: string, object: T, options?: StorageCreateOptions): Promise<T> {
    this.#assertOpen();
    if (this.#entries.has(key)) throw new StorageError('KeyExists', `key ${key} exists`, { key });
    const bytes = encodeForStore(key, object);
    const { requires } = options ?? {};
    if (requires && this.#entries.get(requires.key)?.stored.revision !== requires.resourceVersion) throw requirementFailed(requires.key);
    return writtenObject(object, { key, bytes, revision: this.#put(key, bytes, options?.ttlSeconds) });
  }

  async get<T extends KubeObject>(key: string, options: { resourceVersion?: string } = {}): Promise<StoredObject<T>> {
    this.#assertOpen();
    this.#futureChecked(options.resourceVersion ?? '0');
    return this.#require(key).stored as StoredObject<T>;
  }

  async list<T extends KubeObject>(prefix: string, options: StorageListOptions<T> = {}): Promise<StorageList<T>> {
    this.#assertOpen();
    checkedPrefix(prefix);
    const revision = this.#listRevision(options);
    const state = revision === this.#revision ? this.#entries : this.#log.rewind(this.#entries, revision);
    const entries = storedUnder(state, prefix);
    return cutPage(entries, { start: 0, end: entries.length }, String(revision), options);
  }

  watch<T extends KubeObject>(prefix: string, options: StorageWatchOptions): StorageWatch<T> {
    return this.#watch(checkedPrefix(prefix), options) as AsyncGenerator<StorageEvent<T>, undefined>;
  }

  async *#watch(prefix: string, options: StorageWatchOptions): AsyncGenerator<StorageEvent<KubeObject>, undefined> {
    this.#assertOpen();
    const { signal, resourceVersion = '', bookmarks = false, sendInitialEvents = startsFromPresent(resourceVersion) } = options;
    if (signal.aborted) return undefined;
    const wanted = this.#futureChecked(resourceVersion || '0');
    if (!sendInitialEvents && wanted > 0 && wanted < this.#log.compactedRevision) throw compacted(wanted);
    const revision = sendInitialEvents || wanted === 0 ? this.#revision : wanted;
    if (sendInitialEvents) {
      yield* presentAsChanges(storedUnder(this.#entries, prefix));
      if (bookmarks) yield { type: 'bookmark', revision: String(revision) };
    }
    yield* this.#follow(prefix, revision, options);
    return undefined;
  }

  async guaranteedUpdate<T extends KubeObject>(
    key: string,
    update: (current: T) => T | Promise<T>,
    options?: { ttlSeconds?: number },
  ): Promise<T> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      this.#assertOpen();
      const entry = this.#require(key);
      const updated = await update(copyOf<T>(entry));
      const bytes = encodeForStore(key, updated);
      if (this.#entries.get(key) !== entry) continue;
      const revision = bytes.equals(entry.bytes) ? String(entry.revision) : this.#put(key, bytes, options?.ttlSeconds);
      return writtenObject(updated, { key, bytes, revision });
    }
    throw new StorageError('Conflict', `update of ${key} lost ${maxAttempts} times`, { key });
  }

  async delete<T extends KubeObject>(key: string, validate?: (current: T) => void): Promise<T> {
    this.#assertOpen();
    const entry = this.#require(key);
    validate?.(copyOf<T>(entry));
    return this.#remove(entry).object as T;
  }

  async currentRevision(): Promise<string> {
    this.#assertOpen();
    return String(this.#revision);
  }

  async tellsProgress(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const entry of this.#entries.values()) entry.lease?.cancel();
    this.#changed.notify();
  }

  /** Forgets the history before `revision`, as etcd does when it is told to compact. */
  compact(revision: string): void {
    this.#log.compact(Math.min(Number(checkedRevision(revision)), this.#revision));
    this.#changed.notify();
  }

  async *#follow(prefix: string, start: number, options: StorageWatchOptions): AsyncGenerator<StorageEvent<KubeObject>> {
    const { signal, bookmarks = false, progress } = options;
    let seen = start;
    let delivered = start;
    let bookmarkAtMs = this.#clock.now() + this.#bookmarkIntervalMs;
    let asked = false;
    progress?.listen(() => {
      asked = true;
      this.#changed.notify();
    }, signal);
    while (!signal.aborted && !this.#closed) {
      const change = this.#changeAfter(seen);
      if (change !== undefined) {
        seen = change.revision;
        if (!change.key.startsWith(prefix)) continue;
        yield change.event;
        delivered = seen;
      } else if (asked || (bookmarks && seen > delivered && this.#clock.now() >= bookmarkAtMs)) {
        asked = false;
        yield { type: 'bookmark', revision: String(seen) };
        delivered = seen;
        bookmarkAtMs = this.#clock.now() + this.#bookmarkIntervalMs;
      } else {
        await this.#wait(signal, bookmarks && seen > delivered ? bookmarkAtMs : undefined);
      }
    }
  }

  async #wait(signal: AbortSignal, untilMs: number | undefined): Promise<void> {
    if (untilMs === undefined) return this.#changed.wait(signal);
    const timer = this.#clock.setTimeout(() => this.#changed.notify(), untilMs - this.#clock.now());
    await this.#changed.wait(signal);
    timer.cancel();
  }

  #changeAfter(revision: number): LoggedChange | undefined {
    if (revision < this.#log.compactedRevision) throw compacted(revision);
    return this.#log.after(revision);
  }

  #put(key: string, bytes: Buffer, ttlSeconds: number | undefined): string {
    if (bytes.length > this.#maxObjectBytes) {
      throw new StorageError('TooLarge', `object of ${bytes.length} bytes is too large`, { key });
    }
    const before = this.#entries.get(key);
    if (ttlSeconds !== undefined) before?.lease?.cancel();
    const lease = ttlSeconds === undefined ? before?.lease : this.#grant(key, ttlSeconds);
    const revision = this.#revision + 1;
    const stored = StoredObject.fromStore(key, bytes, String(revision));
    this.#entries.set(key, { key, bytes, stored, revision, lease });
    this.#record(key, before, new Change(before === undefined ? 'added' : 'modified', stored, { before: before?.stored }));
    return String(revision);
  }

  #remove(entry: Entry): StoredObject {
    entry.lease?.cancel();
    this.#entries.delete(entry.key);
    const stored = entry.stored.at(String(this.#revision + 1));
    this.#record(entry.key, entry, new Change('deleted', stored));
    return stored;
  }

  #record(key: string, before: Entry | undefined, event: Change): void {
    this.#revision += 1;
    this.#log.append({ revision: this.#revision, key, before, event });
    this.#changed.notify();
  }

  #grant(key: string, ttlSeconds: number): Lease {
    const expire = (): void => {
      const entry = this.#entries.get(key);
      if (entry?.lease === lease) this.#remove(entry);
    };
    const lease: Lease = this.#clock.setTimeout(expire, ttlSeconds * 1000);
    return lease;
  }

  #listRevision(options: StorageListOptions<never>): number {
    const { resourceVersion, resourceVersionMatch, continueKey } = options;
    if (startsFromPresent(resourceVersion)) return this.#revision;
    const wanted = this.#futureChecked(resourceVersion ?? '');
    if (resourceVersionMatch !== 'Exact' && continueKey === undefined) return this.#revision;
    if (wanted < this.#log.compactedRevision) throw compacted(wanted);
    return wanted;
  }

  #futureChecked(text: string): number {
    const revision = Number(checkedRevision(text));
    if (revision > this.#revision) throw tooLarge(text, String(this.#revision));
    return revision;
  }

  #require(key: string): Entry {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new StorageError('KeyNotFound', `key ${key} not found`, { key });
    return entry;
  }

  #assertOpen(): void {
    if (this.#closed) throw new StorageError('Unreachable', 'the store is closed');
  }
}

export function createMemoryStorage(options: MemoryStorageOptions): MemoryStorage {
  return new MemoryStorage(options);
}

function compacted(revision: number): StorageError {
  return new StorageError('Compacted', `revision ${revision} has been compacted`);
}

function copyOf<T extends KubeObject>({ key, bytes, revision }: Entry): T {
  return decodeFromStore<T>(key, bytes, String(revision));
}

function storedUnder(state: ReadonlyMap<string, Entry>, prefix: string): StoredObject[] {
  const found = [...state.values()].filter((entry) => entry.key.startsWith(prefix));
  return found.sort((left, right) => (left.key < right.key ? -1 : 1)).map(({ stored }) => stored);
}
