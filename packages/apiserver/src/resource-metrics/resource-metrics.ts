import { namespaceOf } from '@podling/shared/api';
import type { Node, Pod } from '@podling/shared/api';
import { Turns } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import type { NodePoints } from './node-points.ts';
import { NodeScraper } from './node-scraper.ts';
import type { NodeScraperOptions } from './node-scraper.ts';
import { scrapeKubelet } from './scrape-kubelet.ts';
import type { AskKubelet } from './scrape-kubelet.ts';

export interface ResourceMetricsOptions {
  ask: AskKubelet;
  clock: Clock;
  logger: Logger;
  stopping: AbortSignal;
}

/** A node whose figures are wanted, and those of its pods that should be among them. */
export interface Wanted {
  node: Node;
  pods: readonly Pod[];
}

/** At a time. */
const scrapes = 250;
/** Figures that nobody has asked about for so long are forgotten. */
const forgetAfterMs = 300_000;

function runningContainers({ status }: Pod): string[] {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? []), ...(status?.ephemeralContainerStatuses ?? [])];
  return all.filter(({ state }) => state?.running !== undefined).map(({ name }) => name);
}

function lacks(points: NodePoints, pods: readonly Pod[]): boolean {
  return pods.some((pod) => runningContainers(pod).some((container) => !points.hasContainer(namespaceOf(pod), pod.metadata.name, container)));
}

/**
 * What nodes and pods use, asked of the kubelets when somebody wants to know: nothing is read, and no timer runs, while
 * nobody does. A kubelet that cannot be reached leaves out its own node and nothing else. The figures are in memory alone:
 * each apiserver has its own. Upstream twin: metrics-server.
 */
export class ResourceMetrics {
  readonly #options: ResourceMetricsOptions;
  readonly #turns = new Turns(scrapes);
  readonly #nodes = new Map<string, NodeScraper>();

  constructor(options: ResourceMetricsOptions) {
    this.#options = options;
  }

  /** By name of the node. */
  async latest(wanted: readonly Wanted[]): Promise<ReadonlyMap<string, NodePoints>> {
    for (const [name, { idleMs }] of this.#nodes) if (idleMs > forgetAfterMs) this.#nodes.delete(name);
    const found = await Promise.all(wanted.map(async ({ node, pods }) => {
      const { name } = node.metadata;
      return [name, await this.#scraperOf(name).latest(node, (points) => lacks(points, pods))] as const;
    }));
    return new Map(found);
  }

  #scraperOf(name: string): NodeScraper {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const { ask, clock, logger, stopping } = this.#options;
    const scrape: NodeScraperOptions['scrape'] = (node) => this.#turns.take(() => scrapeKubelet(ask, node, { clock, stopping }), stopping);
    const made = new NodeScraper({ scrape, clock, logger, stopping });
    this.#nodes.set(name, made);
    return made;
  }
}
