/**
 * A `Storage` in front of another one for the keys of one resource: a single watch below feeds all client watches, and
 * reads come from memory once it has reached the revision that the store reports, which costs the store one small
 * question for all readers who wait. Writes, lists of the past and what the cache cannot answer go below. Upstream twin:
 * apiserver's `storage/cacher`.
 *
 * - A slow client watch ends with `SlowConsumer`; it delays nobody.
 * - When the sequence of changes breaks (`Compacted` below), client watches end with `Compacted` and the cache is filled
 *   anew; watches that start meanwhile wait for it.
 * - When the store below is `Unreachable`, client watches stay open and the sequence goes on where it stopped.
 */
import type { KubeObject } from '@podling/shared/api';
import { exponentialBackoff } from '@podling/shared/util';
import type { Clock, Logger, Timer } from '@podling/shared/util';
import { presentAsChanges } from '../change.ts';
import type { Change } from '../change.ts';
import { isStorageError, StorageError, tooLarge } from '../errors.ts';
import { Notifier } from '../notifier.ts';
import { cutPage } from '../page.ts';
import type { Storage, StorageCreateOptions, StorageEvent, StorageList, StorageListOptions, StorageWatch, StorageWatchOptions } from '../storage.ts';
import type { StoredObject } from '../stored-object.ts';
import { checkedRevision, isNewerRevision, startsFromPresent } from '../versioner.ts';
import { CacheWatcher } from './cache-watcher.ts';
import type { WatchStart } from './cache-watcher.ts';
import { Freshness } from './freshness.ts';
import { WatchCache } from './watch-cache.ts';

export interface CacherOptions {
  clock: Clock;
  logger: Logger;
  /** Changes kept at most for watches that resume or lag; default 102,400. Older ones than 75 s go anyway. */
  historySize?: number;
  /** Their bytes at most; default 32 MiB. */
  historyBytes?: number;
  /** Bookmarks come after a change, at most one per watch in this time; default 60,000. */
  bookmarkIntervalMs?: number;
  /** A watch that starts waits this long for the cache before it fails with `Unreachable`; default 10,000. */
  readyTimeoutMs?: number;
}

const defaults = { historySize: 102_400, historyBytes: 32 * 1024 * 1024, bookmarkIntervalMs: 60_000, readyTimeoutMs: 10_000 };

export class Cacher implements Storage {
  readonly #storage: Storage;
  readonly #prefix: string;
  readonly #options: Required<CacherOptions>;
  readonly #closed = new AbortController();
  readonly #readiness = new Notifier();
  readonly #watchers = new Set<CacheWatcher>();
  readonly #freshness: Freshness;
  #cache: WatchCache | undefined;
  #bookmarkTimer: Timer | undefined;
  #wakePending = false;

  constructor(storage: Storage, prefix: string, options: CacherOptions) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.#options = { ...defaults, ...options };
    this.#freshness = new Freshness(options.clock, this.#closed.signal);
    void this.#run();
  }

  /** Whether the cache is filled now. */
  get isReady(): boolean {
    return this.#cache !== undefined;
  }

  /** Resolves once the cache has been filled. Fails with `Unreachable` after `readyTimeoutMs`. */
  async ready(): Promise<void> {
    await this.#readyCache(this.#closed.signal);
  }

  create<T extends KubeObject>(key: string, object: T, options?: StorageCreateOptions): Promise<T> {
    return this.#storage.create(key, object, options);
  }

  async get<T extends KubeObject>(key: string, options: { resourceVersion?: string } = {}): Promise<StoredObject<T>> {
    const cache = await this.#cacheFor(options.resourceVersion);
    if (cache === undefined) return this.#storage.get(key, options);
    const entry = cache.get(key);
    if (entry === undefined) throw new StorageError('KeyNotFound', `key ${key} not found`, { key });
    return entry as StoredObject<T>;
  }

  async list<T extends KubeObject>(prefix: string, options: StorageListOptions<T> = {}): Promise<StorageList<T>> {
    this.#checkPrefix(prefix);
    const { resourceVersion, resourceVersionMatch, continueKey } = options;
    const ofThePast = resourceVersionMatch === 'Exact' || (continueKey !== undefined && !startsFromPresent(resourceVersion));
    const cache = ofThePast ? undefined : await this.#cacheFor(resourceVersion);
    if (cache === undefined) return this.#storage.list(prefix, options);
    const { entries, start, end } = cache.under(prefix);
    return cutPage(entries, { start, end }, cache.revision, options);
  }

  watch<T extends KubeObject>(prefix: string, options: StorageWatchOptions): StorageWatch<T> {
    const watcher: CacheWatcher = new CacheWatcher({
      prefix,
      signal: options.signal,
      bookmarks: options.bookmarks ?? false,
      start: () => this.#start(watcher, prefix, options),
      stopped: () => this.#watchers.delete(watcher),
    });
    return watcher as unknown as StorageWatch<T>;
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

  tellsProgress(): Promise<boolean> {
    return this.#storage.tellsProgress();
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
    const progress = this.#freshness.wanted;
    const events = this.#storage.watch(this.#prefix, { signal, bookmarks: true, progress, ...(resourceVersion !== undefined && { resourceVersion }) });
    const group: Change[] = [];
    for await (const event of events) {
      onEvent();
      if (event.type !== 'bookmark') {
        group.push(event);
        if (!event.more && this.#cache !== undefined) this.#apply(this.#cache, group.splice(0));
      } else if (this.#cache === undefined) {
        this.#fill(group.splice(0), event.revision);
      } else {
        this.#cache.advance(event.revision);
        this.#freshness.moved(true);
        this.#armBookmarks();
      }
    }
  }

  #fill(present: readonly Change[], revision: string): void {
    this.#cache = new WatchCache(this.#options, present.map(({ stored }) => stored), revision);
    this.#options.logger.debug({ prefix: this.#prefix, rv: revision, objects: present.length }, 'cache filled');
    this.#readiness.notify();
    this.#freshness.moved(true);
  }

  #apply(cache: WatchCache, changes: readonly Change[]): void {
    cache.apply(changes);
    this.#freshness.moved(false);
    this.#wakeSoon();
    this.#armBookmarks();
  }

  /** Once for all changes that come within one turn: what is woken writes, and a write costs more than what it carries. */
  #wakeSoon(): void {
    if (this.#wakePending) return;
    this.#wakePending = true;
    setImmediate(() => {
      this.#wakePending = false;
      for (const watcher of this.#watchers) watcher.wake();
    });
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
    const { signal, resourceVersion = '', sendInitialEvents = startsFromPresent(resourceVersion) } = options;
    await this.#readyCache(signal);
    if (sendInitialEvents || startsFromPresent(resourceVersion)) return this.#startFromPresent(prefix, { ...options, sendInitialEvents });
    const revision = checkedRevision(resourceVersion);
    await this.#reached(revision, signal);
    const cache = await this.#readyCache(signal);
    return { cache, present: [], revision, position: cache.positionAfter(revision) };
  }

  async #startFromPresent(prefix: string, options: StorageWatchOptions): Promise<WatchStart> {
    const { resourceVersion, signal } = options;
    const cache = await this.#cacheFor(resourceVersion);
    if (cache !== undefined) {
      const { entries, start, end } = cache.under(prefix);
      return { cache, present: presentEvents(entries.slice(start, end), cache.revision, options), revision: cache.revision, position: cache.end };
    }
    const { stored, resourceVersion: revision } = await this.#storage.list(prefix, resourceVersion === undefined ? {} : { resourceVersion });
    const following = await this.#readyCache(signal);
    return { cache: following, present: presentEvents(stored, revision, options), revision, position: following.positionAfter(revision) };
  }

  /** A cache that may answer a read at `resourceVersion`; undefined: ask the store. Fails with `TooLargeResourceVersion`. */
  async #cacheFor(resourceVersion = ''): Promise<WatchCache | undefined> {
    if (this.#cache === undefined || resourceVersion === '0') return this.#cache;
    if (resourceVersion !== '') return (await this.#reached(checkedRevision(resourceVersion), this.#closed.signal)) ? this.#cache : undefined;
    if (!(await this.#storage.tellsProgress())) return undefined;
    const revision = await this.#storage.currentRevision();
    return (await this.#freshness.reach(() => this.#cache?.revision, revision)) ? this.#cache : undefined;
  }

  /** Waits for a revision that the store has and the cache has not. Fails with `TooLargeResourceVersion`. */
  async #reached(revision: string, signal: AbortSignal): Promise<boolean> {
    const cached = this.#cache?.revision;
    if (cached !== undefined && !isNewerRevision(revision, cached)) return true;
    const current = await this.#storage.currentRevision();
    if (isNewerRevision(revision, current)) throw tooLarge(revision, current);
    return this.#freshness.reach(() => this.#cache?.revision, revision, signal);
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

function presentEvents(entries: readonly StoredObject[], revision: string, options: StorageWatchOptions): StorageEvent<KubeObject>[] {
  if (options.sendInitialEvents !== true) return [];
  const present: StorageEvent<KubeObject>[] = presentAsChanges(entries);
  if (options.bookmarks === true) present.push({ type: 'bookmark', revision });
  return present;
}
