export type { DelayingQueue, RateLimitingQueue, WorkQueue } from './work-queue.ts';
export { FifoWorkQueue } from './fifo-work-queue.ts';
export { ClockDelayingQueue } from './delaying-queue.ts';
export { ExponentialFailureRateLimiter } from './rate-limiters.ts';
export type { ExponentialFailureOptions, RateLimiter } from './rate-limiters.ts';
export { createRateLimitingQueue } from './rate-limiting-queue.ts';
export type { RateLimitingQueueOptions } from './rate-limiting-queue.ts';
