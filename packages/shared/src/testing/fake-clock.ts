import { sleepOn } from '../util/clock.ts';
import type { Clock, Timer } from '../util/clock.ts';

interface Pending {
  dueMs: number;
  callback: () => void;
}

/**
 * Time that moves only when a test says so. `advance` runs due timers in order and lets all that follows from each of
 * them settle before the next one.
 */
export class FakeClock implements Clock {
  #nowMs: number;
  /** How far somebody has set the clock. */
  #jumpedMs = 0;
  readonly #pending = new Set<Pending>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  /** Timers that have not fired. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#nowMs + this.#jumpedMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  /** Somebody sets the machine's clock: no time passes, timers stay as they are. */
  jump(byMs: number): void {
    this.#jumpedMs += byMs;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const pending: Pending = { dueMs: this.#nowMs + Math.max(delayMs, 0), callback };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    await settle();
    for (let next = this.#nextUntil(endMs); next !== undefined; next = this.#nextUntil(endMs)) {
      this.#pending.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
      await settle();
    }
    this.#nowMs = endMs;
  }

  #nextUntil(endMs: number): Pending | undefined {
    let next: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.dueMs <= endMs && (next === undefined || pending.dueMs < next.dueMs)) next = pending;
    }
    return next;
  }
}

/** Lets every promise that can go on without time or I/O go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
