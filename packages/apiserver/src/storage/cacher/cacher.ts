/**
 * A `Storage` in front of another one for the keys of one resource: a single watch below feeds all client watches, and
 * lists that may be stale come from memory. Consistent reads and all writes go below. Upstream twin: apiserver's
 * `storage/cacher`.
 *
 * - A slow client watch ends with `SlowConsumer`; it delays nobody.
 * - When the sequence of changes breaks (`Compacted` below), client watches end with `Compacted` and the cache is filled
 *   anew; watches that start meanwhile wait for it.
 * - When the store below is `Unreachable`, client watches stay open and the sequence goes on where it stopped.
 */
import type { KubeObject } from '@podling/shared/api';
import { exponentialBackoff } from '@podling/shared/util';
import type { Clock, Logger, Timer } from '@podling/shared/util';
import { isStorageError, StorageError } from '../errors.ts';
import { Notifier } from '../notifier.ts';
import { cutPage } from '../page.ts';
import type { Keyed } from '../page.ts';
import type { Storage, StorageEvent, StorageList, StorageListOptions, StorageWatchOptions } from '../storage.ts';
import { checkedRevision, compareRevisions, isNewerRevision, startsFromPresent } from '../versioner.ts';
import { CacheWatcher } from './cache-watcher.ts';
import type { WatchStart } from './cache-watcher.ts';
import { readPresent } from './read-present.ts';
import { WatchCache } from './watch-cache.ts';
import type { ChangeEvent } from './watch-cache.ts';

export interface CacherOptions {
  clock: Clock;
  logger: Logger;
  /** Changes kept for watches that resume or lag; default 8192. */
  historySize?: number;
  /** At most one bookmark per watch in this time; default 10,000. */
  bookmarkIntervalMs?: number;
  /** A watch that starts waits this long for the cache before it fails with `Unreachable`; default 10,000. */
  readyTimeoutMs?: number;
}

export class Cacher implements Storage {
  readonly #storage: Storage;
  readonly #prefix: string;
  readonly #options: Required<CacherOptions>;
  readonly #closed = new AbortController();
  readonly #readiness = new Notifier();
  readonly #watchers = new Set<CacheWatcher>();
  #cache: WatchCache | undefined;
  #bookmarkTimer: Timer | undefined;

  constructor(storage: Storage, prefix: string, options: CacherOptions) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.#options = { historySize: 8192, bookmarkIntervalMs: 10_000, readyTimeoutMs: 10_000, ...options };
    void this.#run();
  }

  /** Resolves once the cache has been filled. Fails with `Unreachable` after `readyTimeoutMs`. */
  async ready(): Promise<void> {
    await this.#readyCache(this.#closed.signal);
  }

  create<T extends KubeObject>(key: string, object: T, options?: { ttlSeconds?: number }): Promise<T> {
    return this.#storage.create(key, object, options);
  }

  get<T extends KubeObject>(key: string): Promise<T> {
    return this.#storage.get(key);
  }

  async list<T extends KubeObject>(prefix: string, options: StorageListOptions<T> = {}): Promise<StorageList<T>> {
    this.#checkPrefix(prefix);
    const cache = this.#cache;
    if (cache === undefined || !mayComeFromCache(cache, options)) return this.#storage.list(prefix, options);
    return cutPage(cache.entries(prefix), cache.revision, options);
  }

  watch<T extends KubeObject>(prefix: string, options: StorageWatchOptions): AsyncIterable<StorageEvent<T>> {
    const watcher: CacheWatcher = new CacheWatcher({
      prefix,
      signal: options.signal,
      bookmarks: options.bookmarks ?? false,
      start: () => this.#start(watcher, prefix, options),
      stopped: () => this.#watchers.delete(watcher),
    });
    return watcher as AsyncIterable<unknown> as AsyncIterable<StorageEvent<T>>;
  }

  guaranteedUpdate<T extends KubeObject>(
    key: string,
    update: (current: T) => T | Promise<T>,
    options?: { ttlSeconds?: number },
  ): Promise<T> {
    return this.#storage.guaranteedUpdate(key, update, options);
  }

  delete<T extends KubeObject>(key: string, validate?: (current: T) => void): Promise<T> {
    return this.#storage.delete(key, validate);
  }

  currentRevision(): Promise<string> {
    return this.#storage.currentRevision();
  }

  /** Ends all watches. The store below stays open: other caches use it too. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#bookmarkTimer?.cancel();
    for (const watcher of this.#watchers) watcher.end();
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#options;
    const backoff = exponentialBackoff({ initialMs: 50, maxMs: 1000, jitter: 0.5 });
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        await this.#follow(signal, () => backoff.reset());
      } catch (error) {
        this.#onBroken(error);
        logger.warn({ err: error, prefix: this.#prefix, rv: this.#cache?.revision }, 'cache lost its watch, resuming');
      }
      await clock.sleep(backoff.next(), signal).catch(() => undefined);
    }
  }

  /** Fills the cache if there is none, then takes in changes until the watch below ends. */
  async #follow(signal: AbortSignal, onEvent: () => void): Promise<void> {
    const resourceVersion = this.#cache?.revision;
    const events = this.#storage.watch(this.#prefix, { signal, bookmarks: true, ...(resourceVersion !== undefined && { resourceVersion }) });
    const group: ChangeEvent[] = [];
    for await (const event of events) {
      onEvent();
      if (event.type !== 'bookmark') {
        group.push(event);
        if (event.more !== true && this.#cache !== undefined) this.#apply(this.#cache, group.splice(0));
      } else if (this.#cache === undefined) {
        this.#fill(group.splice(0), event.revision);
      } else {
        this.#cache.advance(event.revision);
        this.#armBookmarks();
      }
    }
  }

  #fill(present: readonly Keyed[], revision: string): void {
    this.#cache = new WatchCache(this.#options.historySize, present, revision);
    this.#options.logger.debug({ prefix: this.#prefix, rv: revision, objects: present.length }, 'cache filled');
    this.#readiness.notify();
  }

  #apply(cache: WatchCache, events: readonly ChangeEvent[]): void {
    cache.apply(events);
    for (const watcher of this.#watchers) watcher.wake();
    this.#armBookmarks();
  }

  /** Only an outage leaves the sequence of changes whole. */
  #onBroken(error: unknown): void {
    const cache = this.#cache;
    if (cache === undefined || isStorageError(error, 'Unreachable') || isStorageError(error, 'SlowConsumer')) return;
    this.#cache = undefined;
    cache.fail(new StorageError('Compacted', `changes after revision ${cache.revision} are not known`, { cause: error }));
    for (const watcher of this.#watchers) watcher.wake();
  }

  async #start(watcher: CacheWatcher, prefix: string, options: StorageWatchOptions): Promise<WatchStart | undefined> {
    this.#checkPrefix(prefix);
    if (this.#closed.signal.aborted) return undefined;
    this.#watchers.add(watcher);
    const { signal, resourceVersion, bookmarks = false } = options;
    if (resourceVersion === '0') return presentIn(await this.#readyCache(signal), prefix, bookmarks);
    if (startsFromPresent(resourceVersion)) return this.#startFromPresent(prefix, signal, bookmarks);
    const revision = checkedRevision(resourceVersion ?? '');
    const cache = await this.#readyCache(signal);
    if (isNewerRevision(revision, cache.revision)) await this.#checkNotFuture(revision);
    return this.#startAfter(revision, signal, []);
  }

  /** A consistent read below, then the cache's changes after it. */
  async #startFromPresent(prefix: string, signal: AbortSignal, bookmarks: boolean): Promise<WatchStart | undefined> {
    const present = await readPresent(this.#storage, prefix, signal);
    if (present === undefined) return undefined;
    const bookmark = { type: 'bookmark' as const, revision: present.revision };
    return this.#startAfter(present.revision, signal, bookmarks ? [...present.events, bookmark] : present.events);
  }

  async #startAfter(revision: string, signal: AbortSignal, present: StorageEvent<KubeObject>[]): Promise<WatchStart> {
    const cache = await this.#readyCache(signal);
    return { cache, present, revision, position: cache.positionAfter(revision) };
  }

  async #checkNotFuture(revision: string): Promise<void> {
    const current = await this.#storage.currentRevision();
    if (!isNewerRevision(revision, current)) return;
    throw new StorageError('TooLargeResourceVersion', `revision ${revision} is newer than ${current}`);
  }

  async #readyCache(signal: AbortSignal): Promise<WatchCache> {
    if (this.#cache !== undefined) return this.#cache;
    const timeout = new AbortController();
    const timer = this.#options.clock.setTimeout(() => timeout.abort(), this.#options.readyTimeoutMs);
    const giveUp = AbortSignal.any([signal, timeout.signal, this.#closed.signal]);
    while (this.#cache === undefined && !giveUp.aborted) await this.#readiness.wait(giveUp);
    timer.cancel();
    if (this.#cache === undefined) throw new StorageError('Unreachable', `the cache of ${this.#prefix} is not filled`);
    return this.#cache;
  }

  #armBookmarks(): void {
    if (this.#bookmarkTimer !== undefined || this.#closed.signal.aborted) return;
    this.#bookmarkTimer = this.#options.clock.setTimeout(() => {
      this.#bookmarkTimer = undefined;
      for (const watcher of this.#watchers) watcher.bookmark();
    }, this.#options.bookmarkIntervalMs);
  }

  #checkPrefix(prefix: string): void {
    if (prefix.endsWith('/') && prefix.startsWith(this.#prefix)) return;
    throw new StorageError('InvalidObject', `prefix ${JSON.stringify(prefix)} is not one of ${this.#prefix}`);
  }
}

export function createCacher(storage: Storage, prefix: string, options: CacherOptions): Cacher {
  return new Cacher(storage, prefix, options);
}

function mayComeFromCache(cache: WatchCache, options: StorageListOptions<never>): boolean {
  const { resourceVersion, resourceVersionMatch, continueKey } = options;
  if (resourceVersion === undefined || resourceVersion === '' || resourceVersionMatch === 'Exact' || continueKey !== undefined) return false;
  return !isNewerRevision(checkedRevision(resourceVersion), cache.revision);
}

/** What the cache holds, in the order of the last writes, and the position right after it. */
function presentIn(cache: WatchCache, prefix: string, bookmarks: boolean): WatchStart {
  const { revision, end: position } = cache;
  const present = cache
    .entries(prefix)
    .map(({ key, object }): StorageEvent<KubeObject> => ({ type: 'added', key, object, revision: object.metadata.resourceVersion ?? '0' }))
    .sort((left, right) => compareRevisions(left.revision, right.revision));
  if (bookmarks) present.push({ type: 'bookmark', revision });
  return { cache, present, position, revision };
}
