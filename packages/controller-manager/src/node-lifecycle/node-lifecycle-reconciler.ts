import { isNotFound } from '@podling/shared/api';
import type { Lease, Node } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { ReconcileResult, Reconciler } from '@podling/shared/controller';
import type { EventRecorder } from '@podling/shared/events';
import type { Lister } from '@podling/shared/informer';
import type { Clock, Logger } from '@podling/shared/util';
import { unknownConditions } from './node-conditions.ts';
import type { NodeHealth } from './node-health.ts';
import { desiredTaints } from './node-taints.ts';

export const nodeLeaseNamespace = 'kube-node-lease';

export interface NodeLifecycleOptions {
  client: Client;
  nodes: Lister<Node>;
  leases: Lister<Lease>;
  /** Told by its owner when the apiserver was away. */
  health: NodeHealth;
  recorder: EventRecorder;
  clock: Clock;
  logger: Logger;
  /** How long a node may be silent before it counts as unreachable. */
  gracePeriodMs: number;
}

/**
 * Says that a node is unreachable when its kubelet is silent, and keeps the taints that follow from its conditions.
 * The key is the node's name. Nothing is written while nothing changes. Upstream twin: `node-lifecycle-controller`.
 */
export class NodeLifecycleReconciler implements Reconciler {
  readonly name = 'node-lifecycle';
  readonly #options: NodeLifecycleOptions;
  readonly #health: NodeHealth;

  constructor(options: NodeLifecycleOptions) {
    this.#options = options;
    this.#health = options.health;
  }

  async reconcile(nodeName: string): Promise<ReconcileResult> {
    const { nodes, leases, clock } = this.#options;
    const node = nodes.get(nodeName);
    if (node === undefined) {
      this.#health.forget(nodeName);
      return {};
    }
    const lease = leases.get(`${nodeLeaseNamespace}/${nodeName}`);
    const leftMs = this.#graceLeftMs(node, lease);
    if (leftMs > 0) {
      await this.#syncTaints(node);
      return { requeueAfterMs: leftMs };
    }
    const current = await this.#fetch(nodeName);
    if (current === undefined) return {};
    const stillLeftMs = this.#graceLeftMs(current.node, current.lease);
    if (stillLeftMs > 0) return { requeueAfterMs: stillLeftMs };
    await this.#syncTaints(await this.#markUnknown(current.node, clock.now()));
    return {};
  }

  #graceLeftMs(node: Node, lease: Lease | undefined): number {
    const nowMs = this.#options.clock.monotonic();
    return this.#health.silentSinceMs(node.metadata.name, signOfLife(node, lease), nowMs) + this.#options.gracePeriodMs - nowMs;
  }

  /** Asks the server itself before a node is called dead: our own watch may be the one that was away. */
  async #fetch(nodeName: string): Promise<{ node: Node; lease: Lease | undefined } | undefined> {
    const { client, clock } = this.#options;
    try {
      const node = await client.nodes().get(nodeName);
      const lease = await client.leases(nodeLeaseNamespace).get(nodeName).catch(undefinedIfNotFound);
      return { node, lease };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      this.#health.disrupted(clock.monotonic());
      throw error;
    }
  }

  async #markUnknown(node: Node, nowMs: number): Promise<Node> {
    const { client, recorder, logger } = this.#options;
    const { name, resourceVersion } = node.metadata;
    const conditions = unknownConditions(node, nowMs);
    if (conditions.length === 0) return node;
    const updated = await client.nodes().patchStatus(name, { metadata: { resourceVersion }, status: { conditions } });
    logger.warn({ node: name }, 'node is silent, its conditions are unknown now');
    if (conditions.some(({ type }) => type === 'Ready')) {
      recorder.event({ apiVersion: 'v1', kind: 'Node', metadata: node.metadata }, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    }
    return updated;
  }

  async #syncTaints(node: Node): Promise<void> {
    const { client, clock, logger } = this.#options;
    const { name, resourceVersion } = node.metadata;
    const taints = desiredTaints(node, clock.now());
    if (taints === undefined) return;
    await client.nodes().patch(name, { metadata: { resourceVersion }, spec: { taints } }, 'application/merge-patch+json');
    logger.info({ node: name, taints: taints.map(({ key, effect }) => `${key}:${effect}`) }, 'node taints changed');
  }
}

/** Whatever the kubelet renews: its lease, or the heartbeat in its status. */
function signOfLife(node: Node, lease: Lease | undefined): string {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  return `${node.metadata.uid} ${lease?.spec?.renewTime ?? ''} ${ready?.lastHeartbeatTime ?? ''}`;
}

function undefinedIfNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
