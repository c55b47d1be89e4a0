import { systemClock } from '../util/clock.ts';
import type { Clock } from '../util/clock.ts';
import { createLogger } from '../util/logger.ts';
import type { Logger } from '../util/logger.ts';
import { createRateLimitingQueue } from '../workqueue/index.ts';
import type { RateLimitingQueue } from '../workqueue/index.ts';
import { TerminalError } from './reconciler.ts';
import type { Reconciler } from './reconciler.ts';

export interface ControllerOptions {
  reconciler: Reconciler;
  queue?: RateLimitingQueue<string>;
  /** How many keys are worked on at once. Default 1. */
  workers?: number;
  clock?: Clock;
  logger?: Logger;
}

export interface Controller {
  enqueue(key: string): void;
  start(): void;
  /** Aborts the running reconciles and waits for them; keys still waiting are dropped. */
  stop(): Promise<void>;
}

/**
 * Calls a reconciler for each key that was enqueued. One call at a time per key; a failed key comes back with back-off.
 * Upstream twin: controller-runtime `controller.Controller`.
 */
export function createController(options: ControllerOptions): Controller {
  const { reconciler, workers = 1, clock = systemClock, logger = createLogger(reconciler.name) } = options;
  const queue = options.queue ?? createRateLimitingQueue<string>({ clock });
  const ending = new AbortController();
  let running: Promise<void>[] = [];
  return {
    enqueue: (key) => queue.add(key),
    start() {
      running = Array.from({ length: workers }, () => work({ reconciler, queue, logger, signal: ending.signal }));
    },
    async stop() {
      ending.abort(new Error(`controller ${reconciler.name} stops`));
      queue.shutDown();
      await Promise.all(running);
    },
  };
}

interface Work {
  reconciler: Reconciler;
  queue: RateLimitingQueue<string>;
  logger: Logger;
  signal: AbortSignal;
}

async function work(context: Work): Promise<void> {
  const { queue, signal } = context;
  for (;;) {
    const key = await queue.get();
    if (key === undefined) return;
    if (!signal.aborted) await reconcileKey(context, key);
    queue.done(key);
  }
}

async function reconcileKey({ reconciler, queue, logger, signal }: Work, key: string): Promise<void> {
  try {
    const { requeueAfterMs } = await reconciler.reconcile(key, signal);
    queue.forget(key);
    if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof TerminalError) {
      queue.forget(key);
      logger.error({ err: error, key }, 'reconcile failed for good');
      return;
    }
    logger.warn({ err: error, key, attempt: queue.retries(key) + 1 }, 'reconcile failed, will retry');
    queue.addRateLimited(key);
  }
}
