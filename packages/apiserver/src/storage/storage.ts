import type { KubeObject } from '@podling/shared/api';

/**
 * What every store of API objects promises. Callers: `registry/` only. Upstream twin: apiserver's `storage.Interface`.
 *
 * - Keys are `/registry/<resource>/[<namespace>/]<name>`; prefixes end in `/`, so `default` never matches `default2`.
 * - Objects go in and come out as plain JSON values. The stored value has no `metadata.resourceVersion`; every object
 *   returned carries the store's revision of its last write there, as a decimal string.
 * - Every write is one compare-and-swap on the key's revision and is durable when the promise resolves.
 * - Returned objects are the caller's own for writes and gets; those from `list` and `watch` are shared: never modify them.
 * - Failures are `StorageError` with a closed set of codes, the store's own error as `cause`.
 */
export interface Storage {
  /** Fails with `KeyExists`. */
  create<T extends KubeObject>(key: string, object: T, options?: { ttlSeconds?: number }): Promise<T>;

  /** Fails with `KeyNotFound`. Always a consistent read. */
  get<T extends KubeObject>(key: string): Promise<T>;

  /** Objects under `prefix` in key order, all of one revision. */
  list<T extends KubeObject>(prefix: string, options?: StorageListOptions<T>): Promise<StorageList<T>>;

  /**
   * Every change under `prefix` after `resourceVersion`, once and in order, until `signal` aborts or the iteration
   * throws `StorageError` (`Compacted`: list again; `Unreachable`: resume from the last revision seen; `SlowConsumer`).
   * `'0'` or undefined: first an ADDED for every present object, then the changes.
   * Events of one transaction share a revision. A `bookmark` carries no object and says that everything up to its
   * revision has been delivered. The watch is in place when the first `next()` has been called.
   */
  watch<T extends KubeObject>(prefix: string, options: StorageWatchOptions): AsyncIterable<StorageEvent<T>>;

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

  /** Ends all watches and closes connections. Idempotent. */
  close(): Promise<void>;
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

export interface StorageList<T> {
  items: T[];
  resourceVersion: string;
  /** Present when more follows: the key to start from, inclusive. */
  continueKey?: string;
  /** Objects left after this page, when the store knows (no predicate). */
  remainingItemCount?: number;
}

export interface StorageWatchOptions {
  resourceVersion?: string;
  signal: AbortSignal;
  /** Ask for `bookmark` events at the store's own pace. */
  bookmarks?: boolean;
}

/** `more` is set on a change when further changes of the same revision follow it. */
export type StorageEvent<T> =
  | { type: 'added'; key: string; object: T; revision: string; more?: true }
  /** `previous` is the state before, absent if the store no longer knows it. */
  | { type: 'modified'; key: string; object: T; previous?: T; revision: string; more?: true }
  /** `object` is the last state, with `revision` (that of the deletion) as its resourceVersion. */
  | { type: 'deleted'; key: string; object: T; revision: string; more?: true }
  | { type: 'bookmark'; revision: string };
