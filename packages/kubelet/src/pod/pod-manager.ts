import { keyOf, uidOf, type Pod } from '@podling/shared/api';

/** The pods that should be on this node, as the apiserver last showed them. Upstream twin: kubelet `pod.Manager`. */
export class PodManager {
  readonly #byUid = new Map<string, Pod>();

  set(pod: Pod): void {
    this.#byUid.set(uidOf(pod), pod);
  }

  remove(uid: string): void {
    this.#byUid.delete(uid);
  }

  get(uid: string): Pod | undefined {
    return this.#byUid.get(uid);
  }

  /** The newest of that name: an older one may still be ending. */
  getByName(namespace: string, name: string): Pod | undefined {
    const key = `${namespace}/${name}`;
    return [...this.#byUid.values()].findLast((pod) => keyOf(pod) === key);
  }

  list(): Pod[] {
    return [...this.#byUid.values()];
  }
}
