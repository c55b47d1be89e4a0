import type { MetricFamily, Sample } from '../server/prometheus-text.ts';

/** Upper ends, in seconds. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

class Histogram {
  readonly #counts = buckets.map(() => 0);
  #sum = 0;
  #count = 0;

  observe(seconds: number): void {
    this.#sum += seconds;
    this.#count += 1;
    for (const [index, end] of buckets.entries()) if (seconds <= end) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
  }

  family(name: string, help: string): MetricFamily {
    const ends = [...buckets.map(String), '+Inf'];
    const samples = ends.map((le, index): Sample => ({ suffix: '_bucket', labels: { le }, value: this.#counts[index] ?? this.#count }));
    return { name, help, type: 'histogram', samples: [...samples, { suffix: '_sum', value: this.#sum }, { suffix: '_count', value: this.#count }] };
  }
}

/** What the PLEG counts, under Kubernetes' names. */
export class PlegMetrics {
  readonly #durations = new Histogram();
  readonly #intervals = new Histogram();
  readonly #latencies = new Histogram();
  #lastRelistMs = 0;
  #lastSeenMs = 0;
  #connections = 0;
  #connectionErrors = 0;

  /** Start and end by the monotonic clock, `seenMs` for whoever reads the metric. */
  relisted(startedMs: number, endedMs: number, seenMs: number): void {
    this.#durations.observe((endedMs - startedMs) / 1_000);
    if (this.#lastRelistMs > 0) this.#intervals.observe((startedMs - this.#lastRelistMs) / 1_000);
    this.#lastRelistMs = startedMs;
    this.#lastSeenMs = seenMs;
  }

  connected(): void {
    this.#connections += 1;
  }

  connectionLost(): void {
    this.#connectionErrors += 1;
  }

  /** From what happened in the runtime to its event here. */
  eventSeen(latencyMs: number): void {
    this.#latencies.observe(Math.max(latencyMs, 0) / 1_000);
  }

  families(): MetricFamily[] {
    const counter = (name: string, help: string, value: number): MetricFamily => ({ name, help, type: 'counter', samples: [{ value }] });
    return [
      this.#durations.family('kubelet_pleg_relist_duration_seconds', 'Duration in seconds for relisting pods in PLEG.'),
      this.#intervals.family('kubelet_pleg_relist_interval_seconds', 'Interval in seconds between relisting in PLEG.'),
      { name: 'kubelet_pleg_last_seen_seconds', help: 'Timestamp in seconds when PLEG was last seen active.', type: 'gauge', samples: [{ value: this.#lastSeenMs / 1_000 }] },
      counter('kubelet_evented_pleg_connection_success_count', 'The number of times a streaming client was obtained to receive CRI Events.', this.#connections),
      counter('kubelet_evented_pleg_connection_error_count', 'The number of errors encountered during the establishment of streaming connection with the CRI runtime.', this.#connectionErrors),
      this.#latencies.family('kubelet_evented_pleg_connection_latency_seconds', 'The latency of streaming connection with the CRI runtime, measured in seconds.'),
    ];
  }
}
