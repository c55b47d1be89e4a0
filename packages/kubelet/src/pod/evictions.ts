import { formatTime, uidOf, type Pod, type PodCondition } from '@podling/shared/api';
import type { Rejection } from './admission.ts';

export interface Eviction extends Rejection {
  gracePeriodSeconds: number;
  /** What the pod's status tells beside the reason. */
  conditions: readonly PodCondition[];
}

/** Pods that this node ends for its own sake, or that have taken more than they may. Read by sync-pod, which makes them fail; the first reason stays. */
export class Evictions {
  readonly #byUid = new Map<string, Eviction>();

  /** The pod itself has gone too far: false if it was to end anyway. */
  evict(pod: Pod, rejection: Rejection, gracePeriodSeconds: number): boolean {
    return this.#set(pod, { ...rejection, gracePeriodSeconds, conditions: [] });
  }

  /** The node needs what the pod has, or goes down; as `evict`. `message` is the condition's. */
  disrupt(pod: Pod, rejection: Rejection, gracePeriodSeconds: number, nowMs: number, message = rejection.message): boolean {
    const now = formatTime(new Date(nowMs));
    const condition: PodCondition = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message, lastTransitionTime: now };
    return this.#set(pod, { ...rejection, gracePeriodSeconds, conditions: [condition] });
  }

  #set(pod: Pod, eviction: Eviction): boolean {
    if (this.#byUid.has(uidOf(pod))) return false;
    this.#byUid.set(uidOf(pod), eviction);
    return true;
  }

  get(uid: string): Eviction | undefined {
    return this.#byUid.get(uid);
  }

  forgetPod(uid: string): void {
    this.#byUid.delete(uid);
  }
}
