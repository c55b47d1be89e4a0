import { namespaceOf, uidOf, type Pod } from '@podling/shared/api';
import type { ProbeKind } from '../runtime/probe-results.ts';
import { Histogram } from '../server/histogram.ts';
import type { MetricFamily } from '../server/prometheus-text.ts';

interface ProbeCount {
  labels: { probe_type: string; container: string; pod: string; namespace: string };
  uid: string;
  successful: number;
  failed: number;
  /** Of those that succeeded. */
  durations: Histogram;
}

/** `/metrics/probes`: how the probes of containers end, under Kubernetes' names. */
export class ProbeMetrics {
  readonly #counts = new Map<string, ProbeCount>();

  /** A probe that could not be made says nothing about the container and is not counted. */
  observe(pod: Pod, container: string, kind: ProbeKind, isSuccess: boolean, seconds: number): void {
    const key = keyOf(uidOf(pod), container, kind);
    const count = this.#counts.get(key) ?? newCount(pod, container, kind);
    this.#counts.set(key, count);
    if (isSuccess) count.successful += 1;
    else count.failed += 1;
    if (isSuccess) count.durations.observe(seconds);
  }

  forget(uid: string, container: string, kind: ProbeKind): void {
    this.#counts.delete(keyOf(uid, container, kind));
  }

  families(): MetricFamily[] {
    const counts = [...this.#counts.values()];
    const results = counts.flatMap(({ labels, uid, successful, failed }) =>
      Object.entries({ successful, failed }).filter(([, value]) => value > 0).map(([result, value]) => ({ labels: { ...labels, pod_uid: uid, result }, value })));
    return [
      { name: 'prober_probe_total', help: 'Cumulative number of a liveness, readiness or startup probe for a container by result.', type: 'counter', samples: results },
      {
        name: 'prober_probe_duration_seconds', help: 'Duration in seconds for a probe response.', type: 'histogram',
        samples: counts.filter(({ successful }) => successful > 0).flatMap(({ labels, durations }) => durations.samples(labels)),
      },
    ];
  }
}

function newCount(pod: Pod, container: string, kind: ProbeKind): ProbeCount {
  const probeType = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  const labels = { probe_type: probeType, container, pod: pod.metadata.name, namespace: namespaceOf(pod) };
  return { labels, uid: uidOf(pod), successful: 0, failed: 0, durations: new Histogram() };
}

function keyOf(uid: string, container: string, kind: ProbeKind): string {
  return `${uid}/${container}/${kind}`;
}
