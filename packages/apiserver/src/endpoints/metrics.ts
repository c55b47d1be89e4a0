import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { isConnect } from './request-attributes.ts';
import type { RequestInfo } from './request-info.ts';

/** Of one finished request. */
export interface RequestOutcome {
  code: number;
  seconds: number;
  /** 0 where the answer had no length. */
  responseBytes: number;
}

/** The process's figures, under Kubernetes' metric names. One per server, so that several live in one process. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** Undefined for a request that could not be read. */
  observeRequest(info: RequestInfo | undefined, outcome: RequestOutcome): void;
  /** Returns what ends the count. */
  countLongRunning(info: RequestInfo): () => void;
  observeInFlight(kind: 'readOnly' | 'mutating', taken: number): void;
  countAuthentication(succeeded: boolean): void;
  /** Names the resources that become labels: a stranger's paths must not grow the memory. */
  know(resources: Iterable<{ group: string; version: string; resource: string }>): void;
}

const resourceLabels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'component'] as const;
type ResourceLabels = Record<(typeof resourceLabels)[number], string>;

const durationBuckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
const sizeBuckets = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
const openPaths = new Set(['/healthz', '/livez', '/readyz', '/version', '/metrics', '/api', '/apis', '/openapi/v2', '/openapi/v3']);
const methodOfVerb: Record<string, string> = { create: 'POST', update: 'PUT' };
const otherPath: ResourceLabels = { verb: 'OTHER', group: '', version: '', resource: '', subresource: '', scope: '', component: '' };

function scopeOf({ name, namespace }: RequestInfo): string {
  if (name !== '') return 'resource';
  return namespace === '' ? 'cluster' : 'namespace';
}

class Labels {
  readonly #known = new Set<string>();
  readonly #subresources = new Set(['attach', 'binding', 'ephemeralcontainers', 'eviction', 'exec', 'finalize', 'log', 'portforward', 'proxy', 'resize', 'status', 'token']);

  know(resources: Iterable<{ group: string; version: string; resource: string }>): void {
    for (const { group, version, resource } of resources) this.#known.add(`${group}/${version}/${resource}`);
  }

  of(info: RequestInfo | undefined): ResourceLabels {
    if (!info) return otherPath;
    if (!info.isResource) return openPaths.has(info.path) ? { ...otherPath, verb: info.verb.toUpperCase(), subresource: info.path } : otherPath;
    const { group, version, resource, subresource } = info;
    if (!this.#known.has(`${group}/${version}/${resource}`) || (subresource !== '' && !this.#subresources.has(subresource))) return otherPath;
    const verb = isConnect(info) ? 'CONNECT' : (methodOfVerb[info.verb] ?? info.verb.toUpperCase());
    return { verb, group, version, resource, subresource, scope: scopeOf(info), component: 'apiserver' };
  }
}

function createInstruments(registers: Registry[]) {
  return {
    total: new Counter({ name: 'apiserver_request_total', help: 'Requests answered.', labelNames: [...resourceLabels, 'dry_run', 'code'], registers }),
    duration: new Histogram({
      name: 'apiserver_request_duration_seconds', help: 'Seconds from a request to the end of its answer, without watches.',
      labelNames: [...resourceLabels, 'dry_run'], buckets: durationBuckets, registers,
    }),
    sizes: new Histogram({ name: 'apiserver_response_sizes', help: 'Bytes of answers.', labelNames: resourceLabels, buckets: sizeBuckets, registers }),
    longRunning: new Gauge({ name: 'apiserver_longrunning_requests', help: 'Open watches and streams.', labelNames: resourceLabels, registers }),
    inFlight: new Gauge({ name: 'apiserver_current_inflight_requests', help: 'Requests being answered.', labelNames: ['request_kind'], registers }),
    attempts: new Counter({ name: 'authentication_attempts', help: 'Requests by how their authentication ended.', labelNames: ['result'], registers }),
  };
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { total, duration, sizes, longRunning, inFlight, attempts } = createInstruments([registry]);
  const labels = new Labels();
  for (const request_kind of ['readOnly', 'mutating']) inFlight.set({ request_kind }, 0);
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    know: (resources) => labels.know(resources),
    observeRequest(info, { code, seconds, responseBytes }) {
      const about = labels.of(info);
      const dry_run = info?.query.has('dryRun') ? 'All' : '';
      total.inc({ ...about, dry_run, code: String(code) });
      if (about.verb === 'WATCH' || about.verb === 'CONNECT') return;
      duration.observe({ ...about, dry_run }, seconds);
      if (responseBytes > 0) sizes.observe({ ...about }, responseBytes);
    },
    countLongRunning(info) {
      const about = { ...labels.of(info) };
      longRunning.inc(about);
      return () => longRunning.dec(about);
    },
    observeInFlight: (request_kind, taken) => inFlight.set({ request_kind }, taken),
    countAuthentication: (succeeded) => attempts.inc({ result: succeeded ? 'success' : 'failure' }),
  };
}
