import type { Client } from '@podling/shared/client';
import { createEventRecorder } from '@podling/shared/events';
import { createInformerFactory } from '@podling/shared/informer';
import { createLogger, systemClock } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import { SchedulerCache } from './cache/scheduler-cache.ts';
import { nodeEventHandler, podEventHandler } from './event-handlers.ts';
import { Framework } from './framework/runtime.ts';
import { schedulerName } from './needs-scheduling.ts';
import { SchedulingQueue } from './queue/scheduling-queue.ts';
import { ScheduleOne } from './schedule-one.ts';

export interface SchedulerOptions {
  client: Client;
  clock?: Clock;
  logger?: Logger;
  /** Chooses among nodes of equal score. Default `Math.random`. */
  random?: () => number;
  framework?: Framework;
  /** How long an Event waits before it is sent. Default 0. */
  eventLingerMs?: number;
}

export interface Scheduler {
  /** Resolves once pods and nodes are known and scheduling has begun. */
  readonly started: Promise<void>;
  /** Finishes the bindings under way and ends. Does not close the client. */
  stop(): Promise<void>;
}

/** Bindings under way at once: enough to hide the round trip, few enough not to flood the server. */
const maxBindings = 64;

/**
 * Starts scheduling and goes on until `stop`, whatever happens to the apiserver: the informers reconnect for ever and
 * failed attempts come back with back-off. The composition root of the process.
 */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { client, clock = systemClock, logger = createLogger('scheduler'), random = Math.random, eventLingerMs: lingerMs = 0 } = options;
  const framework = options.framework ?? new Framework();
  const cache = new SchedulerCache();
  const queue = new SchedulingQueue({ clock, mayHelp: (event, refusedBy) => framework.mayHelp(event, refusedBy) });
  const recorder = createEventRecorder({ client, component: schedulerName, clock, logger, lingerMs });
  const informers = createInformerFactory({ client, clock, logger });
  const pods = informers.pods();
  informers.nodes().addEventHandler(nodeEventHandler({ cache, queue }));
  pods.addEventHandler(podEventHandler({ cache, queue }));
  const one = new ScheduleOne({ client, pods: pods.lister, cache, queue, framework, recorder, clock, logger, random });
  const ending = new AbortController();
  informers.start();
  const started = informers.waitForSync(ending.signal).then(() => logger.info('scheduling'));
  const running = started.then(
    () => scheduleAll(queue, one),
    () => undefined,
  );
  return {
    started,
    async stop() {
      ending.abort(new Error('the scheduler stops'));
      queue.close();
      await running;
      await informers.stop();
      await recorder.stop();
    },
  };
}

/** One pod after the other; the next one is looked at while earlier ones are being bound. */
async function scheduleAll(queue: SchedulingQueue, one: ScheduleOne): Promise<void> {
  const attempts = new Set<Promise<void>>();
  for (;;) {
    const queued = await queue.pop();
    if (queued === undefined) break;
    const attempt: Promise<void> = one.run(queued).finally(() => attempts.delete(attempt));
    attempts.add(attempt);
    if (attempts.size >= maxBindings) await Promise.race(attempts);
  }
  await Promise.all(attempts);
}
