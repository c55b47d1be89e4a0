import type { IncomingMessage } from 'node:http';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { requestInfoOf } from './request-info.ts';

/** The process's figures, under Kubernetes' metric names. One per server, so that several live in one process. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  observeRequest(request: IncomingMessage, code: number, seconds: number): void;
  /** Returns what ends the count. */
  countLongRunning(verb: string, resource: string): () => void;
}

interface Labels {
  verb: string;
  resource: string;
}

const otherLabels = { verb: 'other', resource: '' };

/** Only served resources become labels: a stranger's paths must not grow the memory. */
function labelsOf(request: IncomingMessage, known: ReadonlySet<string>): Labels {
  try {
    const { verb, resource, isResource } = requestInfoOf(request.method ?? 'GET', request.url ?? '/');
    return isResource && known.has(resource) ? { verb: verb.toUpperCase(), resource } : otherLabels;
  } catch {
    return otherLabels;
  }
}

export function createMetrics(resources: Iterable<string>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const known = new Set(resources);
  const total = new Counter({ name: 'apiserver_request_total', help: 'Requests answered.', labelNames: ['verb', 'resource', 'code'], registers });
  const duration = new Histogram({
    name: 'apiserver_request_duration_seconds', help: 'Time from request to the end of its answer, without watches.',
    labelNames: ['verb', 'resource'], buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30], registers,
  });
  const longRunning = new Gauge({ name: 'apiserver_longrunning_requests', help: 'Open watches and streams.', labelNames: ['verb', 'resource'], registers });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observeRequest(request, code, seconds) {
      const labels = labelsOf(request, known);
      total.inc({ ...labels, code: String(code) });
      if (labels.verb !== 'WATCH') duration.observe({ verb: labels.verb, resource: labels.resource }, seconds);
    },
    countLongRunning(verb, resource) {
      longRunning.inc({ verb, resource });
      return () => longRunning.dec({ verb, resource });
    },
  };
}
