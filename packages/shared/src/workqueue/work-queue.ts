/**
 * A queue of keys for level-triggered workers.
 *
 * Promises: a key waits at most once, however often it is added; a key is handed to one worker at a time; a key added
 * while it is being worked on comes again after `done`. Order is first in, first out. After `shutDown` no key is
 * accepted, those waiting are still handed out, then `get` resolves to undefined.
 * Upstream twin: client-go `workqueue.TypedInterface`.
 */
export interface WorkQueue<K> {
  add(key: K): void;
  /** Waits for a key. Every key received must be given back with `done`. */
  get(): Promise<K | undefined>;
  done(key: K): void;
  readonly length: number;
  shutDown(): void;
}

export interface DelayingQueue<K> extends WorkQueue<K> {
  /** Adds the key after the delay; an earlier time for a waiting key wins. */
  addAfter(key: K, delayMs: number): void;
}

export interface RateLimitingQueue<K> extends DelayingQueue<K> {
  /** Adds the key after its back-off, which doubles with each call until `forget`. */
  addRateLimited(key: K): void;
  forget(key: K): void;
  retries(key: K): number;
}
