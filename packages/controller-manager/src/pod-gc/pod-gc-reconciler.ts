import { formatTime, isConflict, isNotFound, namespaceOf } from '@podling/shared/api';
import type { Node, Pod } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { ReconcileResult, Reconciler } from '@podling/shared/controller';
import type { Lister } from '@podling/shared/informer';
import type { Clock, Logger } from '@podling/shared/util';

export interface PodGCOptions {
  client: Client;
  pods: Lister<Pod>;
  nodes: Lister<Node>;
  clock: Clock;
  logger: Logger;
  /** How long a node must be missing before its pods are removed. */
  quarantineMs: number;
}

/**
 * Removes pods that no kubelet will ever finish: those of a node that is gone, and those deleted before they had one.
 * The key is the pod's. Upstream twin: `podgc-controller`.
 */
export class PodGCReconciler implements Reconciler {
  readonly name = 'pod-gc';
  readonly #options: PodGCOptions;
  /** Since when a node that pods name is missing. */
  readonly #missingSinceMs = new Map<string, number>();

  constructor(options: PodGCOptions) {
    this.#options = options;
  }

  /** The node is there (again), or no pod names it any more: a quarantine of it would begin anew. */
  endQuarantine(nodeName: string): void {
    this.#missingSinceMs.delete(nodeName);
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { pods, nodes } = this.#options;
    const pod = pods.get(key);
    if (pod === undefined) return {};
    const { nodeName } = pod.spec;
    if (!nodeName) {
      if (pod.metadata.deletionTimestamp !== undefined) await this.#remove(pod, 'it ended before it had a node');
      return {};
    }
    if (nodes.get(nodeName) !== undefined) return {};
    return this.#collectOrphan(pod, nodeName);
  }

  async #collectOrphan(pod: Pod, nodeName: string): Promise<ReconcileResult> {
    const { clock, quarantineMs } = this.#options;
    const sinceMs = this.#missingSinceMs.get(nodeName) ?? clock.monotonic();
    this.#missingSinceMs.set(nodeName, sinceMs);
    const leftMs = sinceMs + quarantineMs - clock.monotonic();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    if (await this.#nodeExists(nodeName)) {
      // Our copy of the nodes lags: look again later.
      this.#missingSinceMs.delete(nodeName);
      return { requeueAfterMs: quarantineMs };
    }
    await this.#fail(pod);
    await this.#remove(pod, 'its node no longer exists');
    return {};
  }

  async #nodeExists(nodeName: string): Promise<boolean> {
    try {
      await this.#options.client.nodes().get(nodeName);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Phase Failed first, so that whoever watches the pod sees why it ended. */
  async #fail(pod: Pod): Promise<void> {
    const { client, clock } = this.#options;
    const phase = pod.status?.phase;
    if (phase === 'Succeeded' || phase === 'Failed') return;
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
      lastTransitionTime: formatTime(new Date(clock.now())),
    };
    const patch = { metadata: { uid: pod.metadata.uid }, status: { phase: 'Failed', conditions: [condition] } };
    await ignoringGone(client.pods(namespaceOf(pod)).patchStatus(pod.metadata.name, patch));
  }

  async #remove(pod: Pod, why: string): Promise<void> {
    const { client, logger } = this.#options;
    const { uid, name } = pod.metadata;
    const options = { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { preconditions: { uid } }) };
    const isRemoved = await ignoringGone(client.pods(namespaceOf(pod)).delete(name, options));
    if (isRemoved) logger.info({ pod: `${namespaceOf(pod)}/${name}`, node: pod.spec.nodeName, why }, 'pod removed');
  }
}

/** False when the pod is gone, or another one has taken its name: nothing is left to do. */
async function ignoringGone(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
    return false;
  }
}
