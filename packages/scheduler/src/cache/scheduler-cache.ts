import { uidOf } from '@podling/shared/api';
import type { Node, Pod } from '@podling/shared/api';
import type { NodeInfo, PodInfo } from '../framework/framework.ts';
import { buildPodInfo } from '../framework/pod-info.ts';
import { CachedNode } from './node-info.ts';

interface PlacedPod {
  info: PodInfo;
  nodeName: string;
  assumed: boolean;
}

/**
 * What the scheduler believes of nodes and of the pods on them.
 *
 * A pod is assumed on a node as soon as it is decided, confirmed by the informer, or forgotten when the binding failed:
 *
 *   (unknown) ──assume──► assumed ──setPod──► placed ──removePod──► (unknown)
 *                            └────forget────────────────────────────────┘
 *
 * A scheduling cycle runs in one turn of the event loop, so that it reads this cache directly and needs no snapshot.
 * Upstream twin: scheduler `internal/cache`.
 */
export class SchedulerCache {
  readonly #nodes = new Map<string, CachedNode>();
  readonly #pods = new Map<string, PlacedPod>();
  #known: readonly CachedNode[] | undefined;

  /** The nodes there are, in the order in which they came. */
  nodes(): readonly NodeInfo[] {
    this.#known ??= [...this.#nodes.values()].filter(({ isKnown }) => isKnown);
    return this.#known;
  }

  setNode(node: Node): void {
    this.#entry(node.metadata.name).setNode(node);
    this.#known = undefined;
  }

  /** Pods of the node stay counted until they are removed themselves. */
  removeNode(name: string): void {
    const entry = this.#nodes.get(name);
    if (entry === undefined) return;
    entry.setNode(undefined);
    this.#known = undefined;
    this.#dropIfEmpty(name, entry);
  }

  /** A pod that has its node, as the server says. Confirms an assumed one. */
  setPod(pod: Pod): void {
    const { nodeName } = pod.spec;
    if (!nodeName) throw new Error(`pod ${pod.metadata.name} has no node`);
    this.#place(uidOf(pod), { info: buildPodInfo(pod), nodeName, assumed: false });
  }

  /** False when the pod held no place. */
  removePod(uid: string): boolean {
    const placed = this.#pods.get(uid);
    if (placed === undefined) return false;
    this.#pods.delete(uid);
    const entry = this.#entry(placed.nodeName);
    entry.removePod(uid, placed.info);
    this.#dropIfEmpty(placed.nodeName, entry);
    return true;
  }

  assume(info: PodInfo, nodeName: string): void {
    this.#place(uidOf(info.pod), { info, nodeName, assumed: true });
  }

  /** The binding failed. A pod that the server has confirmed meanwhile stays. */
  forget(uid: string): void {
    if (this.isAssumed(uid)) this.removePod(uid);
  }

  isAssumed(uid: string): boolean {
    return this.#pods.get(uid)?.assumed === true;
  }

  #place(uid: string, placed: PlacedPod): void {
    this.removePod(uid);
    this.#pods.set(uid, placed);
    this.#entry(placed.nodeName).addPod(uid, placed.info);
  }

  #entry(name: string): CachedNode {
    let entry = this.#nodes.get(name);
    if (entry === undefined) {
      entry = new CachedNode();
      this.#nodes.set(name, entry);
    }
    return entry;
  }

  #dropIfEmpty(name: string, entry: CachedNode): void {
    if (!entry.isKnown && entry.podCount === 0) this.#nodes.delete(name);
  }
}
