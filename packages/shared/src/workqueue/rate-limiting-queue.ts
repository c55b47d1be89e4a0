import type { Clock } from '../util/clock.ts';
import { ClockDelayingQueue } from './delaying-queue.ts';
import { ExponentialFailureRateLimiter } from './rate-limiters.ts';
import type { ExponentialFailureOptions, RateLimiter } from './rate-limiters.ts';
import type { RateLimitingQueue } from './work-queue.ts';

export interface RateLimitingQueueOptions extends ExponentialFailureOptions {
  clock?: Clock;
}

/** A queue whose failed keys come back after 5 ms, 10 ms, … at most 1,000 s (by default). */
export function createRateLimitingQueue<K = string>(options: RateLimitingQueueOptions = {}): RateLimitingQueue<K> {
  return new LimitedQueue<K>(new ExponentialFailureRateLimiter<K>(options), options.clock);
}

class LimitedQueue<K> extends ClockDelayingQueue<K> implements RateLimitingQueue<K> {
  readonly #limiter: RateLimiter<K>;

  constructor(limiter: RateLimiter<K>, clock?: Clock) {
    super(clock);
    this.#limiter = limiter;
  }

  addRateLimited(key: K): void {
    this.addAfter(key, this.#limiter.when(key));
  }

  forget(key: K): void {
    this.#limiter.forget(key);
  }

  retries(key: K): number {
    return this.#limiter.retries(key);
  }
}
