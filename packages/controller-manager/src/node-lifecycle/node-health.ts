interface Observation {
  signOfLife: string;
  /** The one before, which a copy that lags may still show. */
  earlierSign: string | undefined;
  seenMs: number;
}

/**
 * Since when each node is silent, on this process's monotonic clock: the clocks of the nodes do not matter, and a restarted
 * process gives every node the whole grace period again.
 */
export class NodeHealth {
  readonly #observations = new Map<string, Observation>();
  #disruptedMs = Number.NEGATIVE_INFINITY;

  /** Notes the sign of life; returns since when nothing newer could have been missed. */
  silentSinceMs(nodeName: string, signOfLife: string, nowMs: number): number {
    const present = this.#observations.get(nodeName);
    const isKnown = present !== undefined && (present.signOfLife === signOfLife || present.earlierSign === signOfLife);
    if (isKnown) return Math.max(present.seenMs, this.#disruptedMs);
    this.#observations.set(nodeName, { signOfLife, earlierSign: present?.signOfLife, seenMs: nowMs });
    return nowMs;
  }

  /**
   * The apiserver was away: neither could the nodes renew nor this process see it. Their silence up to now proves
   * nothing, and without this every outage would end with all nodes called dead.
   */
  disrupted(nowMs: number): void {
    this.#disruptedMs = nowMs;
  }

  forget(nodeName: string): void {
    this.#observations.delete(nodeName);
  }
}
