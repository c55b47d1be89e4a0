/** How long a key waits before its next attempt. Upstream twin: client-go `workqueue.TypedRateLimiter`. */
export interface RateLimiter<K> {
  /** The delay of the next attempt; counts as a failure. */
  when(key: K): number;
  forget(key: K): void;
  /** Failures since the last `forget`. */
  retries(key: K): number;
}

export interface ExponentialFailureOptions {
  /** Default 5. */
  initialMs?: number;
  /** Default 1,000,000. */
  maxMs?: number;
}

/** Per key: `initialMs` × 2^failures, never above `maxMs`. */
export class ExponentialFailureRateLimiter<K> implements RateLimiter<K> {
  readonly #failures = new Map<K, number>();
  readonly #initialMs: number;
  readonly #maxMs: number;

  constructor({ initialMs = 5, maxMs = 1_000_000 }: ExponentialFailureOptions = {}) {
    this.#initialMs = initialMs;
    this.#maxMs = maxMs;
  }

  when(key: K): number {
    const failures = this.retries(key);
    this.#failures.set(key, failures + 1);
    return Math.min(this.#initialMs * 2 ** failures, this.#maxMs);
  }

  forget(key: K): void {
    this.#failures.delete(key);
  }

  retries(key: K): number {
    return this.#failures.get(key) ?? 0;
  }
}
