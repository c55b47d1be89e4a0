/** A reading of cumulative CPU time. */
export interface CpuSample {
  timestampMs: number;
  usageNanoSeconds: bigint;
}

/** Two readings closer than this say more about the clock than about the load. */
const minIntervalMs = 1_000;

interface History {
  base: CpuSample | undefined;
  last: CpuSample;
}

/**
 * CPU use as the delta of cumulative time over wall time between two scrapes: a billion nanocores = one core at 100 %.
 * Undefined until two readings lie at least a second apart.
 */
export class CpuUsage {
  readonly #histories = new Map<string, History>();

  /** Adds a reading and returns the rate up to it. */
  record(id: string, sample: CpuSample): bigint | undefined {
    const history = this.#histories.get(id);
    // A new container of that id, or a clock that was set back.
    const backwards = history !== undefined && (sample.usageNanoSeconds < history.last.usageNanoSeconds || sample.timestampMs < history.last.timestampMs);
    if (history === undefined || backwards) {
      this.#histories.set(id, { base: undefined, last: sample });
      return undefined;
    }
    const apart = sample.timestampMs - history.last.timestampMs >= minIntervalMs;
    const base = apart ? history.last : history.base;
    if (apart) this.#histories.set(id, { base, last: sample });
    return base && rate(base, sample);
  }

  /** Forgets all but these. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#histories.keys()) if (!ids.has(id)) this.#histories.delete(id);
  }
}

function rate(from: CpuSample, to: CpuSample): bigint | undefined {
  const elapsedMs = to.timestampMs - from.timestampMs;
  if (elapsedMs <= 0) return undefined;
  return ((to.usageNanoSeconds - from.usageNanoSeconds) * 1000n) / BigInt(Math.round(elapsedMs));
}
