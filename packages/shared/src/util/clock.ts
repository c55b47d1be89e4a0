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
  /** Milliseconds since the Unix epoch: for what is written down. It jumps when somebody sets the machine's clock. */
  now(): number;
  /** Milliseconds since some moment, always forward: for how long something takes or is waited for. */
  monotonic(): number;
  setTimeout(callback: () => void, delayMs: number): Timer;
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** A moment of the wall clock on the monotonic one; what lies ahead of the clock, as after it was set back, is now. */
export function monotonicMoment(clock: Pick<Clock, 'now' | 'monotonic'>, wallMs: number): number {
  return clock.monotonic() - Math.max(clock.now() - wallMs, 0);
}

/** Node's timers overflow above this and would fire at once. */
const longestDelayMs = 2 ** 31 - 1;

/** The machine's clock. Delays above 24 days are cut to 24 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, delayMs) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), longestDelayMs));
    return { cancel: () => clearTimeout(timer) };
  },
  sleep(delayMs, signal) {
    return sleepOn(systemClock, delayMs, signal);
  },
};

/** `Clock.sleep` made from `Clock.setTimeout`, for implementations of `Clock`. */
export function sleepOn(clock: Pick<Clock, 'setTimeout'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
