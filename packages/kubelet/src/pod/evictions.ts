import { formatTime, uidOf, type Pod, type PodCondition } from '@podling/shared/api';
import type { Rejection } from './admission.ts';

export interface Eviction extends Rejection {
  gracePeriodSeconds: number;
  /** What the pod's status tells beside the reason. */
  conditions: readonly PodCondition[];
  /** Whether an Event tells of it. */
  isEvent: boolean;
}

/** Kubernetes' `immediateEvictionGracePeriodSeconds`. */
const evictionGracePeriodSeconds = 1;

/** Pods that this node ends for its own sake. Read by sync-pod, which makes them fail; the first reason stays. */
export class Evictions {
  readonly #byUid = new Map<string, Eviction>();

  evict(pod: Pod, message: string): void {
    this.#set(pod, { reason: 'Evicted', message, gracePeriodSeconds: evictionGracePeriodSeconds, conditions: [], isEvent: true });
  }

  /** The node goes down. */
  terminate(pod: Pod, rejection: Rejection, gracePeriodSeconds: number, nowMs: number): void {
    const { message } = rejection;
    const now = formatTime(new Date(nowMs));
    const condition: PodCondition = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message, lastTransitionTime: now };
    this.#set(pod, { ...rejection, gracePeriodSeconds, conditions: [condition], isEvent: false });
  }

  #set(pod: Pod, eviction: Eviction): void {
    if (!this.#byUid.has(uidOf(pod))) this.#byUid.set(uidOf(pod), eviction);
  }

  get(uid: string): Eviction | undefined {
    return this.#byUid.get(uid);
  }

  forgetPod(uid: string): void {
    this.#byUid.delete(uid);
  }
}
