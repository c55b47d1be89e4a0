import { disruptionTarget, isNotFound, isPodTerminal, namespaceOf, podCondition, withPodCondition } from '@podling/shared/api';
import type { Pod } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { ReconcileResult, Reconciler } from '@podling/shared/controller';
import type { Lister } from '@podling/shared/informer';
import type { Clock, Logger } from '@podling/shared/util';

/** How long a pod may be said to end without ending. */
const staleAfterMs = 2 * 60_000;

export interface StaleDisruptionOptions {
  client: Client;
  pods: Lister<Pod>;
  clock: Clock;
  logger: Logger;
}

/** How long the pod's DisruptionTarget may stay as it is; undefined where it is as it should be. */
export function staleInMs(pod: Pod, nowMs: number): number | undefined {
  const condition = podCondition(pod, disruptionTarget);
  // What a kubelet has said may take long to come true.
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined;
  if (pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return undefined;
  return Math.max(0, Date.parse(condition.lastTransitionTime ?? '') + staleAfterMs - nowMs) || 0;
}

/** Takes back the condition of pods that were to be evicted and were not. The key is the pod's. Upstream twin: `syncStalePodDisruption`. */
export class StaleDisruptionReconciler implements Reconciler {
  readonly name = 'stale-disruption';
  readonly #options: StaleDisruptionOptions;

  constructor(options: StaleDisruptionOptions) {
    this.#options = options;
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { client, pods, clock, logger } = this.#options;
    const pod = pods.get(key);
    const waitMs = pod && staleInMs(pod, clock.now());
    if (pod === undefined || waitMs === undefined) return {};
    if (waitMs > 0) return { requeueAfterMs: waitMs };
    try {
      await client.pods(namespaceOf(pod)).updateStatus(withPodCondition(pod, { type: disruptionTarget, status: 'False' }, clock.now()));
      logger.info({ pod: key }, 'stale condition DisruptionTarget taken back');
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return {};
  }
}
