import type { Pod } from '@podling/shared/api';
import { sidecarsOf } from './restart-policy.ts';

/**
 * In which order the containers of a pod are asked to end: those of the app and init containers at once, then the
 * sidecars from the last to the first, each after the ones that may still need it. Upstream twin: kuberuntime `terminationOrdering`.
 */
export class TerminationOrder {
  readonly #ends = new Map<string, PromiseWithResolvers<void>>();
  readonly #before = new Map<string, Promise<void>[]>();

  /** `running`: names of the containers that are to end. */
  constructor(pod: Pod, running: readonly string[]) {
    for (const name of running) this.#ends.set(name, Promise.withResolvers());
    const before = this.#endsOf(pod.spec.containers);
    for (const sidecar of sidecarsOf(pod).toReversed()) {
      this.#before.set(sidecar.name, [...before]);
      before.push(...this.#endsOf([sidecar]));
    }
  }

  /** Resolves when all have ended that this one has to wait for. */
  async turnOf(name: string): Promise<void> {
    await Promise.all(this.#before.get(name) ?? []);
  }

  ended(name: string): void {
    this.#ends.get(name)?.resolve();
  }

  #endsOf(containers: readonly { name: string }[]): Promise<void>[] {
    return containers.flatMap(({ name }) => this.#ends.get(name)?.promise ?? []);
  }
}
