import { isNotFound, keyOf, namespaceOf } from '@podling/shared/api';
import type { Pod } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { EventRecorder } from '@podling/shared/events';
import type { Lister } from '@podling/shared/informer';
import type { Clock, Logger } from '@podling/shared/util';
import type { SchedulerCache } from './cache/scheduler-cache.ts';
import { FitError, findPlacement } from './find-placement.ts';
import type { Placement } from './find-placement.ts';
import type { PodInfo } from './framework/framework.ts';
import { buildPodInfo } from './framework/pod-info.ts';
import type { Framework } from './framework/runtime.ts';
import { needsScheduling } from './needs-scheduling.ts';
import type { QueuedPod, SchedulingQueue } from './queue/scheduling-queue.ts';
import { unschedulableCondition } from './unschedulable-condition.ts';

export interface SchedulingContext {
  client: Client;
  pods: Lister<Pod>;
  cache: SchedulerCache;
  queue: SchedulingQueue;
  framework: Framework;
  recorder: EventRecorder;
  clock: Clock;
  logger: Logger;
  random: () => number;
}

/** How many candidates a log line tells of. */
const candidatesTold = 5;

/**
 * One pod's attempt: filter, score and assume in one turn of the event loop, then bind. Does not throw: whatever fails,
 * the pod is back in the queue. Upstream twin: scheduler `ScheduleOne`.
 */
export class ScheduleOne {
  readonly #context: SchedulingContext;
  #nextStart = 0;

  constructor(context: SchedulingContext) {
    this.#context = context;
  }

  async run(queued: QueuedPod): Promise<void> {
    const { pods, cache, logger } = this.#context;
    const pod = pods.get(keyOf(queued.pod));
    if (pod === undefined || pod.metadata.uid !== queued.uid || !needsScheduling(pod) || cache.isAssumed(queued.uid)) return;
    queued.pod = pod;
    try {
      const info = buildPodInfo(pod);
      const placement = this.#place(info);
      cache.assume(info, placement.nodeName);
      await this.#bind(queued, placement);
    } catch (error) {
      if (error instanceof FitError) await this.#refuse(queued, error);
      else {
        logger.error({ err: error, pod: keyOf(pod) }, 'scheduling failed, will retry');
        this.#context.queue.retry(queued);
      }
    }
  }

  #place(info: PodInfo): Placement {
    const { cache, framework, random } = this.#context;
    const nodes = cache.nodes();
    const placement = findPlacement(info, nodes, { framework, random, startIndex: this.#nextStart });
    this.#nextStart = (this.#nextStart + placement.evaluated) % nodes.length;
    return placement;
  }

  async #bind(queued: QueuedPod, placement: Placement): Promise<void> {
    const { client, cache, queue, recorder, logger } = this.#context;
    const { pod, uid } = queued;
    const { nodeName } = placement;
    try {
      await client.bind(namespaceOf(pod), pod.metadata.name, nodeName, uid);
    } catch (error) {
      cache.forget(uid);
      queue.moveAll('AssignedPodDeleted');
      logger.warn({ err: error, pod: keyOf(pod), node: nodeName, attempt: queued.attempts }, 'binding failed');
      if (!isNotFound(error)) queue.retry(queued);
      return;
    }
    logger.info({ pod: keyOf(pod), node: nodeName, attempt: queued.attempts, ...explain(placement) }, 'pod bound');
    recorder.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${keyOf(pod)} to ${nodeName}`);
  }

  async #refuse(queued: QueuedPod, error: FitError): Promise<void> {
    const { client, queue, recorder, logger, clock } = this.#context;
    const { pod } = queued;
    queue.setUnschedulable(queued, error.refusedBy);
    logger.info({ pod: keyOf(pod), attempt: queued.attempts, why: error.message }, 'pod fits no node');
    recorder.event(pod, 'Warning', 'FailedScheduling', error.message);
    const condition = unschedulableCondition(pod, error.message, clock.now());
    if (condition === undefined) return;
    try {
      const patch = { metadata: { uid: queued.uid }, status: { conditions: [condition] } };
      await client.pods(namespaceOf(pod)).patchStatus(pod.metadata.name, patch);
    } catch (cause) {
      if (!isNotFound(cause)) logger.warn({ err: cause, pod: keyOf(pod) }, 'condition PodScheduled not written');
    }
  }
}

/** Why this node: what the best candidates scored, for the log. */
function explain({ candidates, evaluated }: Placement): Record<string, unknown> {
  return {
    evaluated,
    feasible: candidates.length,
    scores: candidates.slice(0, candidatesTold).map(({ node, total, byPlugin }) => ({ node: node.node.metadata.name, total, ...byPlugin })),
  };
}
