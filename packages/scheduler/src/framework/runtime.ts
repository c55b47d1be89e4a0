import type { ClusterEvent, FilterPlugin, NodeFilter, NodeInfo, PodInfo, ScorePlugin } from './framework.ts';
import { defaultFilterPlugins, defaultScorePlugins } from './plugins/registry.ts';

export interface Rejection {
  plugin: string;
  reasons: readonly string[];
}

export interface ScoredNode {
  node: NodeInfo;
  total: number;
  /** Weighted score of each plugin that had a say. */
  byPlugin: Record<string, number>;
}

/** The plugins in order, run on a pod and its candidates. Upstream twin: `frameworkImpl`. */
export class Framework {
  readonly #filters: readonly FilterPlugin[];
  readonly #scorers: readonly ScorePlugin[];

  constructor(filters = defaultFilterPlugins, scorers = defaultScorePlugins) {
    this.#filters = filters;
    this.#scorers = scorers;
  }

  /** The checks of one pod as one function: undefined when the node passes, else the first plugin that refuses. */
  filterFor(pod: PodInfo): (node: NodeInfo) => Rejection | undefined {
    const active: { plugin: string; filter: NodeFilter }[] = [];
    for (const plugin of this.#filters) {
      const filter = plugin.filterFor(pod);
      if (filter !== undefined) active.push({ plugin: plugin.name, filter });
    }
    return (node) => {
      for (const { plugin, filter } of active) {
        const reasons = filter(node);
        if (reasons.length > 0) return { plugin, reasons };
      }
      return undefined;
    };
  }

  score(pod: PodInfo, nodes: readonly NodeInfo[]): ScoredNode[] {
    const scored: ScoredNode[] = nodes.map((node) => ({ node, total: 0, byPlugin: {} }));
    for (const plugin of this.#scorers) {
      const scorer = plugin.scorerFor(pod);
      if (scorer === undefined) continue;
      const scores = nodes.map(scorer);
      plugin.normalize?.(scores);
      scored.forEach((candidate, index) => {
        const weighted = (scores[index] ?? 0) * plugin.weight;
        candidate.byPlugin[plugin.name] = weighted;
        candidate.total += weighted;
      });
    }
    return scored;
  }

  /** Whether the event may help a pod that these plugins refused. A pod that nobody refused is helped by anything. */
  mayHelp(event: ClusterEvent, refusedBy: ReadonlySet<string>): boolean {
    if (refusedBy.size === 0) return true;
    return this.#filters.some(({ name, helpfulEvents }) => refusedBy.has(name) && helpfulEvents.includes(event));
  }
}
