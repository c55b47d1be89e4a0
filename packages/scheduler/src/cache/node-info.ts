import { hostPortsOf } from '@podling/shared/api';
import type { HostPort, Node } from '@podling/shared/api';
import type { NodeInfo, PodInfo, Resources } from '../framework/framework.ts';
import { addResources, noResources, parseResources } from '../framework/pod-info.ts';

/** A node with the sum of what its pods request. Exists without its node while only pods on it are known. */
export class CachedNode implements NodeInfo {
  #node: Node | undefined;
  readonly #podUids = new Set<string>();
  /** Of the pods that have any. */
  readonly #ports = new Map<string, HostPort[]>();
  allocatable: Resources = noResources;
  allocatablePods = 0;
  requested: Resources = noResources;
  scoringRequested = { milliCpu: 0, memoryBytes: 0 };

  get node(): Node {
    if (this.#node === undefined) throw new Error('the node of these pods is not known');
    return this.#node;
  }

  get isKnown(): boolean {
    return this.#node !== undefined;
  }

  get usedPorts(): HostPort[] {
    return [...this.#ports.values()].flat();
  }

  get podCount(): number {
    return this.#podUids.size;
  }

  setNode(node: Node | undefined): void {
    const list = node?.status?.allocatable;
    this.#node = node;
    this.allocatable = parseResources(list);
    this.allocatablePods = Number(list?.['pods'] ?? 0);
  }

  addPod(uid: string, pod: PodInfo): void {
    this.#podUids.add(uid);
    const ports = hostPortsOf(pod.pod.spec);
    if (ports.length > 0) this.#ports.set(uid, ports);
    this.#count(pod, 1);
  }

  removePod(uid: string, pod: PodInfo): void {
    this.#ports.delete(uid);
    if (this.#podUids.delete(uid)) this.#count(pod, -1);
  }

  #count({ requests, scoringRequests }: PodInfo, sign: 1 | -1): void {
    this.requested = addResources(this.requested, requests, sign);
    this.scoringRequested = {
      milliCpu: this.scoringRequested.milliCpu + sign * scoringRequests.milliCpu,
      memoryBytes: this.scoringRequested.memoryBytes + sign * scoringRequests.memoryBytes,
    };
  }
}
