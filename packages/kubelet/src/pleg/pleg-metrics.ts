import { Histogram } from '../server/histogram.ts';
import type { MetricFamily } from '../server/prometheus-text.ts';

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
    const histogram = (name: string, help: string, durations: Histogram): MetricFamily => ({ name, help, type: 'histogram', samples: durations.samples() });
    return [
      histogram('kubelet_pleg_relist_duration_seconds', 'Duration in seconds for relisting pods in PLEG.', this.#durations),
      histogram('kubelet_pleg_relist_interval_seconds', 'Interval in seconds between relisting in PLEG.', this.#intervals),
      { name: 'kubelet_pleg_last_seen_seconds', help: 'Timestamp in seconds when PLEG was last seen active.', type: 'gauge', samples: [{ value: this.#lastSeenMs / 1_000 }] },
      counter('kubelet_evented_pleg_connection_success_count', 'The number of times a streaming client was obtained to receive CRI Events.', this.#connections),
      counter('kubelet_evented_pleg_connection_error_count', 'The number of errors encountered during the establishment of streaming connection with the CRI runtime.', this.#connectionErrors),
      histogram('kubelet_evented_pleg_connection_latency_seconds', 'The latency of streaming connection with the CRI runtime, measured in seconds.', this.#latencies),
    ];
  }
}
