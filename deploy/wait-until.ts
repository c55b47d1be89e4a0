import { setTimeout as delay } from 'node:timers/promises';

/** Raised when a condition did not come true in time. */
export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

interface WaitOptions {
  timeoutMs: number;
  /** Between two tries. Default: 20 ms at first, and longer each time up to 250 ms. */
  intervalMs?: number;
  /** Raises to give up early. Called before each try. */
  check?: () => void;
}

/** Asks until the answer is not undefined or false. A probe that raises counts as "no". */
export async function waitUntil<T>(what: string, probe: () => Promise<T | undefined | false> | T | undefined | false, options: WaitOptions): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  let cause: unknown;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 1.5, 250)) {
    options.check?.();
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) throw new TimeoutError(`${what}: not within ${options.timeoutMs / 1000} s`, { cause });
    await delay(options.intervalMs ?? pauseMs);
  }
}
