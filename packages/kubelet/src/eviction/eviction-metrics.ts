import type { MetricFamily } from '../server/prometheus-text.ts';

/** Under Kubernetes' names. */
export class EvictionMetrics {
  readonly #evictions = new Map<string, number>();

  /** `signal` is what ran short, or the limit that the pod was past. */
  evicted(signal: string): void {
    this.#evictions.set(signal, (this.#evictions.get(signal) ?? 0) + 1);
  }

  families(): MetricFamily[] {
    const samples = [...this.#evictions].map(([signal, value]) => ({ labels: { eviction_signal: signal }, value }));
    return [{ name: 'kubelet_evictions', help: 'Cumulative number of pod evictions by eviction signal', type: 'counter', samples }];
  }
}
