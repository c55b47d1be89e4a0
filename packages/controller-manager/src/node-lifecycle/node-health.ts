interface Observation {
  signOfLife: string;
  seenMs: number;
}

/**
 * When each node last gave a new sign of life, by this process's own clock: the clocks of the nodes do not matter, and a
 * restarted process gives every node the whole grace period again.
 */
export class NodeHealth {
  readonly #observations = new Map<string, Observation>();

  /** Notes the sign of life; returns when this one was first seen. */
  observe(nodeName: string, signOfLife: string, nowMs: number): number {
    const present = this.#observations.get(nodeName);
    if (present?.signOfLife === signOfLife) return present.seenMs;
    this.#observations.set(nodeName, { signOfLife, seenMs: nowMs });
    return nowMs;
  }

  /** The node could not be watched: its silence up to now proves nothing. */
  excuse(nodeName: string, nowMs: number): void {
    const present = this.#observations.get(nodeName);
    if (present !== undefined) present.seenMs = nowMs;
  }

  forget(nodeName: string): void {
    this.#observations.delete(nodeName);
  }
}
