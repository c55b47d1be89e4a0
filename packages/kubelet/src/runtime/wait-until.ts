import type { Clock } from '@podling/shared/util';

/** Waits for the work, at the longest until the deadline on the monotonic clock; an abort of `signal` is thrown. The work goes on by itself. */
export async function waitUntil(clock: Clock, work: Promise<void>, deadlineMs: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const waiting = new AbortController();
  const abort = (): void => waiting.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const timeout = clock.sleep(Math.max(deadlineMs - clock.monotonic(), 0), waiting.signal);
  try {
    await Promise.race([work, timeout]);
  } finally {
    signal?.removeEventListener('abort', abort);
    timeout.catch(() => undefined);
    waiting.abort();
  }
}
