import type { Node } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import { nodeAffinityReason, type Failure } from './admission.ts';
import type { Postponed } from './critical-pod-admission.ts';

export interface FreshNodeOptions {
  /** From the apiserver. */
  read: () => Promise<Node>;
  /** The pod may be asked about again. */
  wake: (uid: string) => void;
  clock: Clock;
}

const patienceMs = 10_000;

/**
 * A pod may have been bound for a label that has not come here yet: before it is refused for that the node is read once more,
 * for this pod. Upstream twin: `generalFilter`'s second try.
 */
export class FreshNode {
  readonly #options: FreshNodeOptions;
  /** Undefined while it is read; null where it could not be. */
  readonly #nodes = new Map<string, Node | null | undefined>();

  constructor(options: FreshNodeOptions) {
    this.#options = options;
  }

  of(uid: string): Node | undefined {
    return this.#nodes.get(uid) ?? undefined;
  }

  /** Until it has been read. */
  mayMend(uid: string, failures: readonly Failure[]): Postponed | undefined {
    if (failures.some(({ reason }) => reason !== nodeAffinityReason)) return undefined;
    if (!this.#nodes.has(uid)) void this.#read(uid);
    return this.#nodes.get(uid) === undefined ? { retryAtMs: this.#options.clock.monotonic() + patienceMs } : undefined;
  }

  forgetPod(uid: string): void {
    this.#nodes.delete(uid);
  }

  async #read(uid: string): Promise<void> {
    this.#nodes.set(uid, undefined);
    const node = await this.#options.read().catch(() => null);
    if (this.#nodes.has(uid)) this.#nodes.set(uid, node);
    this.#options.wake(uid);
  }
}
