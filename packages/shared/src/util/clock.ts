/** A running timer; `cancel` is idempotent and a cancelled timer never fires. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time for everything that waits or stamps.
 * Promises: callbacks run on a later turn, never inside `setTimeout`; `sleep` rejects with the
 * signal's reason as soon as the signal aborts. Tests pass a `FakeClock`.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  setTimeout(callback: () => void, delayMs: number): Timer;
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}
