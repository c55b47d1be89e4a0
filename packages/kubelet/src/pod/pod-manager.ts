import { isMirrorPod, keyOf, uidOf, type Pod } from '@podling/shared/api';

/**
 * The pods that should be on this node, as their sources last showed them, and apart from them the mirrors that show the
 * static ones at the apiserver: a mirror belongs to the static pod of its name. Upstream twin: kubelet `pod.Manager`.
 */
export class PodManager {
  readonly #byUid = new Map<string, Pod>();
  readonly #mirrors = new Map<string, Pod>();

  set(pod: Pod): void {
    (isMirrorPod(pod) ? this.#mirrors : this.#byUid).set(isMirrorPod(pod) ? keyOf(pod) : uidOf(pod), pod);
  }

  remove(pod: Pod): void {
    const mirror = this.#mirrors.get(keyOf(pod));
    if (mirror?.metadata.uid === pod.metadata.uid) this.#mirrors.delete(keyOf(pod));
    this.#byUid.delete(uidOf(pod));
  }

  /** Never a mirror. */
  get(uid: string): Pod | undefined {
    return this.#byUid.get(uid);
  }

  /** The newest of that name: an older one may still be ending. Never a mirror. */
  getByName(namespace: string, name: string): Pod | undefined {
    return this.getByKey(`${namespace}/${name}`);
  }

  /** As `getByName`, by `namespace/name`. */
  getByKey(key: string): Pod | undefined {
    return [...this.#byUid.values()].findLast((pod) => keyOf(pod) === key);
  }

  /** The mirror under `namespace/name`, whether or not there is a static pod for it. */
  mirrorByKey(key: string): Pod | undefined {
    return this.#mirrors.get(key);
  }

  mirrors(): Pod[] {
    return [...this.#mirrors.values()];
  }

  list(): Pod[] {
    return [...this.#byUid.values()];
  }
}
