import { uidOf, type Pod } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import { rejectionOf, type Failure, type Rejection } from './admission.ts';
import { isCriticalPod } from './critical-pod.ts';
import { missingOf, podsToPreempt, PreemptionError } from './preemption.ts';

/** Nothing is decided yet: ask again then, by the monotonic clock. */
export interface Postponed {
  retryAtMs: number;
}

export interface CriticalPodAdmissionOptions {
  /** Those that take part of the node. */
  pods: () => readonly Pod[];
  /** Makes it Failed and ends what runs of it. */
  preempt: (pod: Pod) => void;
  hasEnded: (uid: string) => boolean;
  clock: Clock;
}

const retryMs = 250;

/**
 * Makes room for critical pods: others go, and the pod waits until they have. Upstream twin: kubelet
 * `CriticalPodAdmissionHandler`.
 */
export class CriticalPodAdmission {
  readonly #options: CriticalPodAdmissionOptions;
  readonly #victims = new Map<string, readonly string[]>();

  constructor(options: CriticalPodAdmissionOptions) {
    this.#options = options;
  }

  /** While pods are still going for this one. */
  waiting(uid: string): Postponed | undefined {
    const { hasEnded, clock } = this.#options;
    if ((this.#victims.get(uid) ?? []).some((victim) => !hasEnded(victim))) return { retryAtMs: clock.monotonic() + retryMs };
    this.#victims.delete(uid);
    return undefined;
  }

  /** What becomes of a pod that does not fit. `failures` are not empty. */
  recover(pod: Pod, failures: readonly Failure[]): Rejection | Postponed | undefined {
    const isCritical = isCriticalPod(pod);
    const refused = isCritical ? failures.find(({ shortage }) => shortage === undefined) : failures[0];
    if (refused) return rejectionOf(refused);
    try {
      return this.#makeRoom(pod, failures);
    } catch (error) {
      if (!(error instanceof PreemptionError)) throw error;
      const message = `Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: ${error.message}`;
      return rejectionOf({ reason: 'UnexpectedAdmissionError', message });
    }
  }

  forgetPod(uid: string): void {
    this.#victims.delete(uid);
  }

  #makeRoom(pod: Pod, failures: readonly Failure[]): Postponed {
    const { pods, preempt, clock } = this.#options;
    const missing = failures.flatMap(({ shortage }) => (shortage ? [missingOf(shortage)] : []));
    const victims = podsToPreempt(pod, pods().filter((other) => uidOf(other) !== uidOf(pod)), missing);
    victims.forEach(preempt);
    this.#victims.set(uidOf(pod), victims.map(uidOf));
    return { retryAtMs: clock.monotonic() + retryMs };
  }
}
