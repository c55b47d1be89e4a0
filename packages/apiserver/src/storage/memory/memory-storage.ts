/**
 * A `Storage` in the memory of the process, with etcd's rules: one revision for the whole store, compare-and-swap,
 * a bounded history that ends in `Compacted`. For tests and for `--storage memory`. Upstream twin: none; etcd's mvcc.
 */
import type { KubeObject } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import { decodeFromStore, encodeForStore, withRevision } from '../codec.ts';
import { StorageError } from '../errors.ts';
import { checkedPrefix } from '../keys.ts';
import { Notifier } from '../notifier.ts';
import { cutPage } from '../page.ts';
import type { Storage, StorageEvent, StorageList, StorageListOptions, StorageWatchOptions } from '../storage.ts';
import { checkedRevision, startsFromPresent } from '../versioner.ts';
import { EventLog } from './event-log.ts';
import type { Change, Entry, Lease } from './event-log.ts';

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

  async create<T extends KubeObject>(key: string, object: T, options?: { ttlSeconds?: number }): Promise<T> {
    this.#assertOpen();
    if (this.#entries.has(key)) throw new StorageError('KeyExists', `key ${key} exists`, { key });
    const revision = this.#put(key, encodeForStore(key, object), options?.ttlSeconds);
    return withRevision(object, revision);
  }

  async get<T extends KubeObject>(key: string): Promise<T> {
    this.#assertOpen();
    return copyOf<T>(this.#require(key));
  }

  async list<T extends KubeObject>(prefix: string, options: StorageListOptions<T> = {}): Promise<StorageList<T>> {
    this.#assertOpen();
    checkedPrefix(prefix);
    const revision = this.#listRevision(options);
    const state = revision === this.#revision ? this.#entries : this.#log.rewind(this.#entries, revision);
    return cutPage(entriesUnder(state, prefix), String(revision), options);
  }

  async *watch<T extends KubeObject>(prefix: string, options: StorageWatchOptions): AsyncGenerator<StorageEvent<T>> {
    this.#assertOpen();
    checkedPrefix(prefix);
    const { signal, resourceVersion, bookmarks = false } = options;
    if (signal.aborted) return;
    const fromPresent = startsFromPresent(resourceVersion);
    const revision = fromPresent ? this.#revision : this.#knownRevision(resourceVersion ?? '');
    if (fromPresent) {
      yield* initialEvents(entriesUnder(this.#entries, prefix)) as StorageEvent<T>[];
      if (bookmarks) yield { type: 'bookmark', revision: String(revision) };
    }
    yield* this.#follow(prefix, revision, signal, bookmarks) as AsyncGenerator<StorageEvent<T>>;
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
      if (bytes.equals(entry.bytes)) return withRevision(updated, String(entry.revision));
      return withRevision(updated, this.#put(key, bytes, options?.ttlSeconds));
    }
    throw new StorageError('Conflict', `update of ${key} lost ${maxAttempts} times`, { key });
  }

  async delete<T extends KubeObject>(key: string, validate?: (current: T) => void): Promise<T> {
    this.#assertOpen();
    const entry = this.#require(key);
    validate?.(copyOf<T>(entry));
    return copyOf<T>(entry, this.#remove(entry));
  }

  async currentRevision(): Promise<string> {
    this.#assertOpen();
    return String(this.#revision);
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

  async *#follow(prefix: string, start: number, signal: AbortSignal, bookmarks: boolean): AsyncGenerator<StorageEvent<KubeObject>> {
    let seen = start;
    let delivered = start;
    let bookmarkAtMs = this.#clock.now() + this.#bookmarkIntervalMs;
    while (!signal.aborted && !this.#closed) {
      const change = this.#changeAfter(seen);
      if (change !== undefined) {
        seen = change.revision;
        if (!change.key.startsWith(prefix)) continue;
        yield change.event;
        delivered = seen;
      } else if (bookmarks && seen > delivered && this.#clock.now() >= bookmarkAtMs) {
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

  #changeAfter(revision: number): Change | undefined {
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
    const object = decodeFromStore(key, bytes, String(revision));
    this.#entries.set(key, { key, bytes, object, revision, lease });
    const common = { key, object, revision: String(revision) };
    this.#record(key, before, before === undefined ? { type: 'added', ...common } : { type: 'modified', previous: before.object, ...common });
    return common.revision;
  }

  #remove(entry: Entry): string {
    entry.lease?.cancel();
    this.#entries.delete(entry.key);
    const revision = String(this.#revision + 1);
    this.#record(entry.key, entry, { type: 'deleted', key: entry.key, object: copyOf(entry, revision), revision });
    return revision;
  }

  #record(key: string, before: Entry | undefined, event: Change['event']): void {
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

  #knownRevision(text: string): number {
    const revision = this.#futureChecked(text);
    if (revision < this.#log.compactedRevision) throw compacted(revision);
    return revision;
  }

  #futureChecked(text: string): number {
    const revision = Number(checkedRevision(text));
    if (revision > this.#revision) {
      throw new StorageError('TooLargeResourceVersion', `revision ${text} is newer than ${this.#revision}`);
    }
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

function copyOf<T extends KubeObject>(entry: Entry, revision = String(entry.revision)): T {
  return decodeFromStore<T>(entry.key, entry.bytes, revision);
}

function entriesUnder(state: ReadonlyMap<string, Entry>, prefix: string): Entry[] {
  const found = [...state.values()].filter((entry) => entry.key.startsWith(prefix));
  return found.sort((left, right) => (left.key < right.key ? -1 : 1));
}

/** In the order of their last writes, so that a watch never goes back in time. */
function initialEvents(entries: Entry[]): StorageEvent<KubeObject>[] {
  const ordered = entries.sort((left, right) => left.revision - right.revision);
  return ordered.map(({ key, object, revision }) => ({ type: 'added', key, object, revision: String(revision) }));
}
