import type { Clock } from './clock.ts';

/** Rejects with what `late` makes when the work takes longer than `limitMs`; what was begun goes on by itself. */
export async function inTime<T>(work: Promise<T>, limitMs: number, clock: Pick<Clock, 'setTimeout'>, late: () => Error): Promise<T> {
  work.catch(() => undefined);
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = clock.setTimeout(() => reject(late()), limitMs);
  return Promise.race([work, promise]).finally(() => timer.cancel());
}
