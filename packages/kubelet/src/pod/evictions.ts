import { uidOf, type Pod } from '@podling/shared/api';
import type { Rejection } from './admission.ts';

/** Pods that this node ends for its own sake. Read by sync-pod, which makes them fail; the first reason stays. */
export class Evictions {
  readonly #byUid = new Map<string, Rejection>();

  evict(pod: Pod, message: string): void {
    if (!this.#byUid.has(uidOf(pod))) this.#byUid.set(uidOf(pod), { reason: 'Evicted', message });
  }

  get(uid: string): Rejection | undefined {
    return this.#byUid.get(uid);
  }

  forgetPod(uid: string): void {
    this.#byUid.delete(uid);
  }
}
