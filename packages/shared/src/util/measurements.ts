import type { Clock } from './clock.ts';

export interface MeasurementsOptions<Figure> {
  /** Measures these and tells each figure as soon as it is there; what is not told stays as it was. Does not reject. */
  measure: (keys: readonly string[], tell: (key: string, figure: Figure) => void) => Promise<void>;
  /** Not to be measured now, though somebody asks. */
  isResting?: (key: string) => boolean;
  /** At a time. Default 100. */
  maxBatch?: number;
  clock: Clock;
}

/** What nobody has asked about for so long is forgotten. */
const forgetAfterMs = 15 * 60_000;

interface Known<Figure> {
  figure: Figure | undefined;
  askedMs: number;
}

/**
 * Figures that cost something to find out, measured only when somebody asks, a batch at a time, and kept for whoever
 * asks next. Any number of callers share one measurement.
 */
export class Measurements<Figure extends { timestampMs: number }> {
  readonly #options: MeasurementsOptions<Figure>;
  readonly #known = new Map<string, Known<Figure>>();
  /** In the order of asking. */
  readonly #wanted = new Set<string>();
  #measuring = new Set<string>();
  #batch: Promise<void> | undefined;

  constructor(options: MeasurementsOptions<Figure>) {
    this.#options = options;
  }

  /** What is known now. Figures older than `maxAgeMs` are renewed behind. */
  latest(keys: readonly string[], maxAgeMs: number): Map<string, Figure> {
    this.#want(keys, maxAgeMs);
    if (this.#wanted.size > 0) void this.#nextBatch();
    return this.#figures(keys);
  }

  /** Figures no older than `maxAgeMs` of those that could be measured; of the others an older one, if there is one. */
  async measure(keys: readonly string[], maxAgeMs: number): Promise<Map<string, Figure>> {
    this.#want(keys, maxAgeMs);
    while (keys.some((key) => this.#wanted.has(key) || this.#measuring.has(key))) await this.#nextBatch();
    return this.#figures(keys);
  }

  #figures(keys: readonly string[]): Map<string, Figure> {
    return new Map(keys.flatMap((key) => {
      const figure = this.#known.get(key)?.figure;
      return figure ? [[key, figure] as const] : [];
    }));
  }

  #want(keys: readonly string[], maxAgeMs: number): void {
    const now = this.#options.clock.now();
    for (const key of keys) {
      const figure = this.#known.get(key)?.figure;
      this.#known.set(key, { figure, askedMs: now });
      // A clock that was set back makes nothing young.
      const stale = figure === undefined || Math.abs(now - figure.timestampMs) >= maxAgeMs;
      if (stale && !this.#measuring.has(key) && this.#options.isResting?.(key) !== true) this.#wanted.add(key);
    }
  }

  #nextBatch(): Promise<void> {
    this.#batch ??= this.#measureBatch().finally(() => {
      this.#batch = undefined;
      if (this.#wanted.size > 0) void this.#nextBatch();
    });
    return this.#batch;
  }

  async #measureBatch(): Promise<void> {
    const { measure, maxBatch = 100, clock } = this.#options;
    const keys = [...this.#wanted].slice(0, maxBatch);
    for (const key of keys) this.#wanted.delete(key);
    this.#measuring = new Set(keys);
    await measure(keys, (key, figure) => this.#known.set(key, { askedMs: clock.now(), ...this.#known.get(key), figure }));
    this.#measuring.clear();
    for (const [key, { askedMs }] of this.#known) if (clock.now() - askedMs >= forgetAfterMs) this.#known.delete(key);
  }
}
