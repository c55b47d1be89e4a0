export { monotonicMoment, sleepOn, systemClock } from './clock.ts';
export type { Clock, Timer } from './clock.ts';
export { createLogger } from './logger.ts';
export type { Logger, LogLevel } from './logger.ts';
export { exponentialBackoff } from './backoff.ts';
export type { Backoff, BackoffOptions } from './backoff.ts';
export { AsyncQueue } from './async-queue.ts';
export { formatDurationMs, parseDurationMs } from './duration.ts';
export { settleAll } from './settle-all.ts';
