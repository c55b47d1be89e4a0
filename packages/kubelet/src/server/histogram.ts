import type { Sample } from './prometheus-text.ts';

/** Upper ends, in seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Durations, as Prometheus counts them by default. */
export class Histogram {
  readonly #counts = buckets.map(() => 0);
  #sum = 0;
  #count = 0;

  observe(seconds: number): void {
    this.#sum += seconds;
    this.#count += 1;
    for (const [index, end] of buckets.entries()) if (seconds <= end) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  samples(labels?: Readonly<Record<string, string>>): Sample[] {
    const own = labels && { labels };
    const ends = [...buckets.map(String), '+Inf'];
    const all = ends.map((le, index): Sample => ({ suffix: '_bucket', labels: { ...labels, le }, value: this.#counts[index] ?? this.#count }));
    return [...all, { suffix: '_sum', ...own, value: this.#sum }, { suffix: '_count', ...own, value: this.#count }];
  }
}
