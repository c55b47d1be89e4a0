export interface BackoffOptions {
  initialMs: number;
  maxMs: number;
  /** Growth per step. Default 2. */
  factor?: number;
  /** Share of each delay that is random: a delay is drawn from `[delay × (1 − jitter), delay]`. Default 0. */
  jitter?: number;
  random?: () => number;
}

export interface Backoff {
  /** The delay before the next attempt. */
  next(): number;
  /** After a success: the next delay is the initial one again. */
  reset(): void;
}

/** Delays `initialMs`, ×`factor`, … never above `maxMs`. */
export function exponentialBackoff(options: BackoffOptions): Backoff {
  const { initialMs, maxMs, factor = 2, jitter = 0, random = Math.random } = options;
  let delayMs = initialMs;
  return {
    next() {
      const present = Math.min(delayMs, maxMs);
      delayMs = Math.min(delayMs * factor, maxMs);
      return present * (1 - jitter * random());
    },
    reset() {
      delayMs = initialMs;
    },
  };
}
