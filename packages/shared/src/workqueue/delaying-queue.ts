import { systemClock } from '../util/clock.ts';
import type { Clock, Timer } from '../util/clock.ts';
import { FifoWorkQueue } from './fifo-work-queue.ts';
import type { DelayingQueue } from './work-queue.ts';

interface Delayed {
  dueMs: number;
  timer: Timer;
}

/** A `WorkQueue` with keys that come later. A shut-down drops what is still delayed. */
export class ClockDelayingQueue<K> extends FifoWorkQueue<K> implements DelayingQueue<K> {
  readonly #clock: Clock;
  readonly #delayed = new Map<K, Delayed>();

  constructor(clock: Clock = systemClock) {
    super();
    this.#clock = clock;
  }

  addAfter(key: K, delayMs: number): void {
    if (this.shuttingDown) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const dueMs = this.#clock.monotonic() + delayMs;
    const present = this.#delayed.get(key);
    if (present !== undefined && present.dueMs <= dueMs) return;
    present?.timer.cancel();
    const timer = this.#clock.setTimeout(() => {
      this.#delayed.delete(key);
      this.add(key);
    }, delayMs);
    this.#delayed.set(key, { dueMs, timer });
  }

  override shutDown(): void {
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    super.shutDown();
  }
}
