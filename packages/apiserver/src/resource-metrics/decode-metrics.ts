/** One reading of a container or a node. */
export interface MetricsPoint {
  timeMs: number;
  /** When the container began: another start is another container. Undefined where nobody says. */
  startMs: number | undefined;
  /** Since then. */
  cpuNanoSeconds: number;
  /** The working set. */
  memoryBytes: number;
}

/** What one scrape of a kubelet tells. */
export interface MetricsBatch {
  node: MetricsPoint | undefined;
  /** By {@link podKey}, then by container. */
  pods: ReadonlyMap<string, ReadonlyMap<string, MetricsPoint>>;
}

export function podKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
  timeMs: number;
}

type Draft = Partial<MetricsPoint>;

const setters: Readonly<Record<string, (point: Draft, sample: Sample) => void>> = {
  cpu_usage_seconds_total: (point, { value, timeMs }) => {
    point.cpuNanoSeconds = value * 1e9;
    point.timeMs = timeMs;
  },
  memory_working_set_bytes: (point, { value }) => {
    point.memoryBytes = value;
  },
  start_time_seconds: (point, { value }) => {
    point.startMs = value * 1e3;
  },
};

const sampleShape = /^(node|container)_(cpu_usage_seconds_total|memory_working_set_bytes|start_time_seconds)(?:\{(.*)\})? (\S+)(?: (\d{1,15}))?$/;
/** From one label on to the next, so that noise costs no more than its length. */
const labelShape = /(\w+)="((?:[^"\\]|\\.)*)"(?:, ?|$)/gy;
const escapes: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

function labelsOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(labelShape)].map(([, name = '', value = '']) => [name, value.replace(/\\./g, (escape) => escapes[escape] ?? escape)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    yield text.slice(start, end);
  }
}

/** The drafts of a scrape, each found by what its labels say it is about. */
class Drafts {
  readonly node: Draft = {};
  readonly pods = new Map<string, Map<string, Draft>>();

  of(scope: string, { namespace = '', pod = '', container = '' }: Readonly<Record<string, string>>): Draft {
    if (scope === 'node') return this.node;
    const key = podKey(namespace, pod);
    const containers = this.pods.get(key) ?? new Map<string, Draft>();
    this.pods.set(key, containers);
    const draft = containers.get(container) ?? {};
    containers.set(container, draft);
    return draft;
  }
}

/** Undefined for what lacks one of the figures. */
function pointOf({ timeMs, startMs, cpuNanoSeconds, memoryBytes }: Draft): MetricsPoint | undefined {
  if (timeMs === undefined || cpuNanoSeconds === undefined || memoryBytes === undefined) return undefined;
  return { timeMs, startMs, cpuNanoSeconds, memoryBytes };
}

/** Undefined where one container lacks a figure: the pod's would be too small. */
function podOf(containers: ReadonlyMap<string, Draft>): Map<string, MetricsPoint> | undefined {
  const points = new Map<string, MetricsPoint>();
  for (const [name, draft] of containers) {
    const point = pointOf(draft);
    if (point === undefined) return undefined;
    points.set(name, point);
  }
  return points;
}

/**
 * Reads the text of `/metrics/resource`. Lines about other things, and values that are no amounts, count as not there; a
 * sample without a time is of `readAtMs`. Upstream twin: metrics-server's `decodeBatch`.
 */
export function decodeMetrics(text: string, readAtMs: number): MetricsBatch {
  const drafts = new Drafts();
  for (const line of linesOf(text)) {
    if (line.startsWith('#')) continue;
    const [found, scope = '', figure = '', labels = '', amount = '', time] = sampleShape.exec(line) ?? [];
    const value = Number(amount);
    if (found === undefined || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) continue;
    const sample: Sample = { labels: labelsOf(labels), value, timeMs: time === undefined ? readAtMs : Number(time) };
    setters[figure]?.(drafts.of(scope, sample.labels), sample);
  }
  const pods = [...drafts.pods].map(([key, containers]) => [key, podOf(containers)] as const);
  return { node: pointOf(drafts.node), pods: new Map(pods.filter((entry): entry is [string, Map<string, MetricsPoint>] => entry[1] !== undefined)) };
}
