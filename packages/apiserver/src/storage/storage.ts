import type { KubeObject } from '@podling/shared/api';
import type { Change } from './change.ts';
import type { Notifier } from './notifier.ts';
import type { StoredObject } from './stored-object.ts';

/**
 * What every store of API objects promises. Callers: `registry/` only. Upstream twin: apiserver's `storage.Interface`.
 *
 * - Keys are `/registry/<resource>/[<namespace>/]<name>`; prefixes end in `/`, so `default` never matches `default2`.
 * - Objects go in and come out as plain JSON values. The stored value has no `metadata.resourceVersion`; every object
 *   returned carries the store's revision of its last write there, as a decimal string.
 * - Every write is one compare-and-swap on the key's revision and is durable when the promise resolves.
 * - Returned objects are shared: never modify them. Only what `guaranteedUpdate` hands to its callback is the callback's own.
 * - A read that names a `resourceVersion` which the store has not reached fails with `TooLargeResourceVersion`.
 * - Failures are `StorageError` with a closed set of codes, the store's own error as `cause`.
 */
export interface Storage {
  /** Fails with `KeyExists`, or with `RequirementFailed` where `options.requires` does not hold. */
  create<T extends KubeObject>(key: string, object: T, options?: StorageCreateOptions): Promise<T>;

  /** Fails with `KeyNotFound`. Consistent; with a `resourceVersion` at least as new as that, `'0'`: whatever is at hand. */
  get<T extends KubeObject>(key: string, options?: { resourceVersion?: string }): Promise<StoredObject<T>>;

  /** Objects under `prefix` in key order, all of one revision. */
  list<T extends KubeObject>(prefix: string, options?: StorageListOptions<T>): Promise<StorageList<T>>;

  /**
   * Every change under `prefix` after `resourceVersion`, once and in order, until `signal` aborts or the iteration
   * throws `StorageError` (`Compacted`: list again; `Unreachable`: resume from the last revision seen; `SlowConsumer`).
   * Undefined: first an ADDED for every present object, then the changes. `'0'`: the same from whatever is at hand.
   * Events of one transaction share a revision. A `bookmark` carries no object and says that everything up to its
   * revision has been delivered. The watch is in place when the first `next()` has been called.
   */
  watch<T extends KubeObject>(prefix: string, options: StorageWatchOptions): StorageWatch<T>;

  /**
   * Reads, calls `update` with the current object, writes the result if nobody wrote in between, else starts again with
   * the fresh object. `update` may throw (the error passes through unchanged) and may return its argument unchanged: then
   * nothing is written and no event appears. Fails with `KeyNotFound`. `options.ttlSeconds` sets a new lease.
   */
  guaranteedUpdate<T extends KubeObject>(
    key: string,
    update: (current: T) => T | Promise<T>,
    options?: { ttlSeconds?: number },
  ): Promise<T>;

  /**
   * Removes the key and returns the last state. `validate` sees the state that will be removed and may throw to stop it.
   * Fails with `KeyNotFound`.
   */
  delete<T extends KubeObject>(key: string, validate?: (current: T) => void): Promise<T>;

  /** The store's present revision, from the store itself. Rejects with `Unreachable`. */
  currentRevision(): Promise<string>;

  /** Whether bookmarks can be relied on and had by asking (`progress`). Rejects with `Unreachable`. */
  tellsProgress(): Promise<boolean>;

  /** Ends all watches and closes connections. Idempotent. */
  close(): Promise<void>;
}

export interface StorageCreateOptions {
  ttlSeconds?: number;
  /** The object is made only while this key, of any resource, is at this revision: both are one transaction. */
  requires?: { key: string; resourceVersion: string };
}

export interface StorageListOptions<T> {
  /** Undefined: consistent. `'0'`: whatever is at hand. Other: see `resourceVersionMatch` (default NotOlderThan). */
  resourceVersion?: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  /** At most this many objects that satisfy `predicate`. */
  limit?: number;
  /** The `continueKey` of the page before, with its revision in `resourceVersion`. */
  continueKey?: string;
  predicate?: (object: T) => boolean;
}

export interface StorageList<T extends KubeObject> {
  stored: readonly StoredObject<T>[];
  resourceVersion: string;
  /** Present when more follows: the key to start from, inclusive. */
  continueKey?: string;
  /** Objects left after this page, when the store knows (no predicate). */
  remainingItemCount?: number;
}

export interface StorageWatchOptions {
  resourceVersion?: string;
  signal: AbortSignal;
  /** Ask for `bookmark` events at the store's own pace; the first one follows the present objects. */
  bookmarks?: boolean;
  /** Whether the present objects come first whatever `resourceVersion` says; they are then at least as new as that. */
  sendInitialEvents?: boolean;
  /** A `notify` asks for a bookmark soon, even if the revision has not moved. For stores below a cache. */
  progress?: Notifier;
}

/** One `next()` at a time. */
export interface StorageWatch<T extends KubeObject> extends AsyncIterable<StorageEvent<T>> {
  [Symbol.asyncIterator](): StorageWatchIterator<T>;
}

export interface StorageWatchIterator<T extends KubeObject> extends AsyncIterator<StorageEvent<T>, undefined> {
  /** Resolves once the watch is in place: what is written from then on is told as a change. Rejects as `next()` does. */
  ready?(): Promise<void>;
  /** The next event if it is at hand, for readers who take several at a time. Throws as `next()` rejects. */
  take?(): StorageEvent<T> | undefined;
  /** Asks for a bookmark once everything at hand has been delivered. */
  bookmark?(): void;
}

export interface Bookmark {
  type: 'bookmark';
  revision: string;
}

export type StorageEvent<T extends KubeObject> = Change<T> | Bookmark;
