import { podKey } from './decode-metrics.ts';
import type { MetricsBatch, MetricsPoint } from './decode-metrics.ts';

/** What something uses, over the time between two readings. */
export interface Usage {
  timestampMs: number;
  windowMs: number;
  cpuNanoCores: number;
  memoryBytes: number;
}

export interface ContainerUsage extends Usage {
  name: string;
}

/** Readings closer than this say more about the clock than about the load. */
const shortestWindowMs = 500;

interface Series {
  last: MetricsPoint;
  /** An earlier reading of the same container. */
  base: MetricsPoint | undefined;
}

function isAnother(before: MetricsPoint, now: MetricsPoint): boolean {
  const restarted = before.startMs !== undefined && now.startMs !== undefined && before.startMs !== now.startMs;
  return restarted || now.cpuNanoSeconds < before.cpuNanoSeconds || now.timeMs < before.timeMs;
}

function advance(series: Series | undefined, last: MetricsPoint, keepsBases: boolean): Series {
  if (series === undefined || isAnother(series.last, last)) return { last, base: undefined };
  const isApart = last.timeMs - series.last.timeMs >= shortestWindowMs;
  return { last, base: isApart && !(keepsBases && series.base) ? series.last : series.base };
}

function usageOf({ last, base }: Series): Usage | undefined {
  if (base === undefined) return undefined;
  const windowMs = last.timeMs - base.timeMs;
  const cpuNanoCores = ((last.cpuNanoSeconds - base.cpuNanoSeconds) / windowMs) * 1e3;
  return { timestampMs: last.timeMs, windowMs, cpuNanoCores, memoryBytes: last.memoryBytes };
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

type PodSeries = ReadonlyMap<string, Series>;

/** The last readings of one node, and an earlier one of each where there is one. Never changes. Upstream twin: metrics-server's `storage`. */
export class NodePoints {
  static readonly none = new NodePoints(undefined, new Map());
  readonly #node: Series | undefined;
  readonly #pods: ReadonlyMap<string, PodSeries>;

  private constructor(node: Series | undefined, pods: ReadonlyMap<string, PodSeries>) {
    this.#node = node;
    this.#pods = pods;
  }

  /** What is not in the batch is gone. `keepsBases`: only who has no earlier reading yet gets one. */
  after({ node, pods }: MetricsBatch, { keepsBases = false } = {}): NodePoints {
    const podSeries = [...pods].map(([key, containers]): [string, PodSeries] => {
      const before = this.#pods.get(key);
      return [key, new Map([...containers].map(([name, point]) => [name, advance(before?.get(name), point, keepsBases)]))];
    });
    return new NodePoints(node && advance(this.#node, node, keepsBases), new Map(podSeries));
  }

  /** Whether everything that was read has been read before. */
  get isComplete(): boolean {
    const series = [...this.#pods.values()].flatMap((containers) => [...containers.values()]);
    return [...series, ...(this.#node ? [this.#node] : [])].every(({ base }) => base !== undefined);
  }

  hasContainer(namespace: string, pod: string, container: string): boolean {
    return this.#pods.get(podKey(namespace, pod))?.has(container) ?? false;
  }

  /** Undefined until there are two readings. */
  node(): Usage | undefined {
    return this.#node && usageOf(this.#node);
  }

  /** By name. Undefined until there are two readings of each container. */
  pod(namespace: string, name: string): [ContainerUsage, ...ContainerUsage[]] | undefined {
    const containers = [...(this.#pods.get(podKey(namespace, name)) ?? [])];
    const usages = containers.flatMap(([container, series]) => {
      const usage = usageOf(series);
      return usage ? [{ name: container, ...usage }] : [];
    });
    const [first, ...others] = usages.toSorted(byName);
    return first !== undefined && usages.length === containers.length ? [first, ...others] : undefined;
  }
}
