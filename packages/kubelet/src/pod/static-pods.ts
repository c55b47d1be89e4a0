import { keyOf, uidOf, type Pod } from '@podling/shared/api';
import type { PodManager } from './pod-manager.ts';

export interface StaticPodsOptions {
  pods: Pick<PodManager, 'set' | 'remove'>;
  workers: {
    update(pod: Pod): void;
    /** The pod ends within the grace it asks for, then `forgetPod` is called. */
    remove(uid: string, gracePeriodSeconds: number): void;
  };
  /** What the apiserver should show under this `namespace/name` may have changed. */
  onChange: (key: string) => void;
}

interface Started {
  pod: Pod;
  ending: boolean;
}

/**
 * Hands the pods of files to the workers and takes them back. Of two pods with one name the second starts when nothing
 * is left of the first: an edited file is a new pod under the old name. Upstream twin: pod workers' `allowStaticPodStart`.
 */
export class StaticPods {
  readonly #options: StaticPodsOptions;
  readonly #started = new Map<string, Started>();
  #wanted: readonly Pod[] = [];

  constructor(options: StaticPodsOptions) {
    this.#options = options;
  }

  /** All pods that the files ask for now. */
  set(wanted: readonly Pod[]): void {
    this.#wanted = wanted;
    const uids = new Set(wanted.map(uidOf));
    for (const [uid, started] of this.#started) if (!uids.has(uid) && !started.ending) this.#end(started);
    for (const pod of wanted) this.#offer(pod);
  }

  /** Whether a pod of that name still runs although no file asks for it. */
  isEnding(key: string): boolean {
    return [...this.#started.values()].some(({ pod, ending }) => ending && keyOf(pod) === key);
  }

  /** Nothing is left of a pod. */
  forgetPod(uid: string): void {
    const gone = this.#started.get(uid);
    if (gone === undefined) return;
    this.#started.delete(uid);
    for (const pod of this.#wanted) this.#offer(pod);
    this.#options.onChange(keyOf(gone.pod));
  }

  #end(started: Started): void {
    const { pods, workers, onChange } = this.#options;
    const { pod } = started;
    started.ending = true;
    pods.remove(pod);
    workers.remove(uidOf(pod), pod.spec.terminationGracePeriodSeconds ?? 30);
    onChange(keyOf(pod));
  }

  #offer(pod: Pod): void {
    if (this.isEnding(keyOf(pod)) || this.#started.get(uidOf(pod))?.ending === true) return;
    const { pods, workers, onChange } = this.#options;
    this.#started.set(uidOf(pod), { pod, ending: false });
    pods.set(pod);
    workers.update(pod);
    onChange(keyOf(pod));
  }
}
