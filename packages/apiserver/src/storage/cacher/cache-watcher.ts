import type { KubeObject } from '@podling/shared/api';
import type { StorageEvent, StorageWatchIterator } from '../storage.ts';
import { isNewerRevision } from '../versioner.ts';
import type { WatchCache } from './watch-cache.ts';

/** Where a watch begins: events to deliver first, then the cache's changes from `position` on, but those after `revision`. */
export interface WatchStart {
  cache: WatchCache;
  present: readonly StorageEvent<KubeObject>[];
  position: number;
  revision: string;
}

export interface CacheWatcherOptions {
  prefix: string;
  bookmarks: boolean;
  signal: AbortSignal;
  /** Called once, at the first `next()`. Undefined: the watch has ended before it began. */
  start(): Promise<WatchStart | undefined>;
  /** Called once, at the end. */
  stopped(watcher: CacheWatcher): void;
}

type Result = IteratorResult<StorageEvent<KubeObject>, undefined>;

const ended: Result = { done: true, value: undefined };

/**
 * One client's watch: a position in the cache's changes, no buffer of its own. It is bounded by the cache's ring: who
 * falls behind by more gets `SlowConsumer`, and nobody waits for it. One `next()` at a time.
 */
export class CacheWatcher implements StorageWatchIterator<KubeObject> {
  readonly #options: CacheWatcherOptions;
  #cache: WatchCache | undefined;
  #present: readonly StorageEvent<KubeObject>[] = [];
  #presentIndex = 0;
  #position = 0;
  /** The revision of the last bookmark, or where the watch began. */
  #bookmarked = '0';
  /** The watch may know more than the cache when it begins: changes up to here are not news. */
  #knownUpTo: string | undefined;
  #opened: Promise<void> | undefined;
  #bookmarkDue = false;
  #ended = false;
  #waiting: { resolve(result: Result): void; reject(error: unknown): void } | undefined;

  constructor(options: CacheWatcherOptions) {
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Result> {
    await this.ready();
    const event = this.take();
    if (event !== undefined) return { done: false, value: event };
    if (this.#ended) return ended;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  ready(): Promise<void> {
    return (this.#opened ??= this.#open());
  }

  return(): Promise<Result> {
    this.end();
    return Promise.resolve(ended);
  }

  /** Something may have happened: hands the next event to who waits for it. */
  wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    try {
      const event = this.take();
      if (event !== undefined) waiting.resolve({ done: false, value: event });
      else if (this.#ended) waiting.resolve(ended);
      else this.#waiting = waiting;
    } catch (error) {
      waiting.reject(error);
    }
  }

  /** A bookmark follows once everything up to it has been delivered. */
  bookmark(): void {
    this.#bookmarkDue = this.#options.bookmarks;
    this.wake();
  }

  readonly end = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.signal.removeEventListener('abort', this.end);
    this.#options.stopped(this);
    this.#waiting?.resolve(ended);
    this.#waiting = undefined;
  };

  async #open(): Promise<void> {
    const { signal } = this.#options;
    signal.addEventListener('abort', this.end, { once: true });
    try {
      const begin = signal.aborted ? undefined : await this.#options.start();
      if (begin === undefined || this.#ended) return this.end();
      this.#cache = begin.cache;
      this.#present = begin.present;
      this.#position = begin.position;
      this.#bookmarked = begin.revision;
      this.#knownUpTo = begin.revision;
    } catch (error) {
      // A watch that has been ended meanwhile does not fail any more.
      if (this.#ended) return;
      this.end();
      throw error;
    }
  }

  /** The next event if it is at hand. */
  take(): StorageEvent<KubeObject> | undefined {
    const cache = this.#cache;
    if (this.#ended || cache === undefined) return undefined;
    try {
      return this.#takePresent() ?? this.#takeChange(cache) ?? this.#takeBookmark(cache);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  #takePresent(): StorageEvent<KubeObject> | undefined {
    const event = this.#present[this.#presentIndex];
    if (event === undefined) this.#present = [];
    else this.#presentIndex += 1;
    return event;
  }

  #takeBookmark(cache: WatchCache): StorageEvent<KubeObject> | undefined {
    if (!this.#bookmarkDue) return undefined;
    this.#bookmarkDue = false;
    if (!isNewerRevision(cache.revision, this.#bookmarked)) return undefined;
    this.#bookmarked = cache.revision;
    return { type: 'bookmark', revision: cache.revision };
  }

  #isKnown(revision: string): boolean {
    if (this.#knownUpTo === undefined) return false;
    if (!isNewerRevision(revision, this.#knownUpTo)) return true;
    this.#knownUpTo = undefined;
    return false;
  }

  #takeChange(cache: WatchCache): StorageEvent<KubeObject> | undefined {
    for (let event = cache.at(this.#position); event !== undefined; event = cache.at(this.#position)) {
      this.#position += 1;
      if (!event.key.startsWith(this.#options.prefix) || this.#isKnown(event.revision)) continue;
      return event;
    }
    if (cache.failure !== undefined) throw cache.failure;
    return undefined;
  }
}
