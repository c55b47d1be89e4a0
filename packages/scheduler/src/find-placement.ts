import type { NodeInfo, PodInfo } from './framework/framework.ts';
import type { Framework, Rejection, ScoredNode } from './framework/runtime.ts';

export interface Placement {
  nodeName: string;
  /** The candidates, best first. */
  candidates: ScoredNode[];
  /** How many nodes were looked at before there were enough candidates. */
  evaluated: number;
}

/** No node takes the pod. `message` is Kubernetes' text, with the number of nodes per reason. */
export class FitError extends Error {
  override readonly name = 'FitError';
  readonly refusedBy: ReadonlySet<string>;

  constructor(nodeCount: number, rejections: readonly Rejection[]) {
    super(fitMessage(nodeCount, rejections));
    this.refusedBy = new Set(rejections.map(({ plugin }) => plugin));
  }
}

export interface PlacementOptions {
  framework: Framework;
  /** Draws 0 ≤ x < 1: chooses among equals. */
  random: () => number;
  /** Where to begin looking, so that large clusters are looked through in turn. */
  startIndex: number;
}

/**
 * The best node for the pod among those that pass all filters. In a cluster of more than 100 nodes it stops when there
 * are candidates enough, as Kubernetes does (percentageOfNodesToScore). Throws `FitError`.
 */
export function findPlacement(pod: PodInfo, nodes: readonly NodeInfo[], options: PlacementOptions): Placement {
  const { framework, random, startIndex } = options;
  const refuse = framework.filterFor(pod);
  const enough = candidatesToFind(nodes.length);
  const candidates: NodeInfo[] = [];
  const rejections: Rejection[] = [];
  let evaluated = 0;
  while (evaluated < nodes.length && candidates.length < enough) {
    const node = nodes[(startIndex + evaluated) % nodes.length] as NodeInfo;
    evaluated += 1;
    const rejection = refuse(node);
    if (rejection === undefined) candidates.push(node);
    else rejections.push(rejection);
  }
  if (candidates.length === 0) throw new FitError(nodes.length, rejections);
  const scored = framework.score(pod, candidates);
  const best = selectHost(scored, random);
  const others = scored.filter((candidate) => candidate !== best).sort((a, b) => b.total - a.total);
  return { nodeName: best.node.node.metadata.name, candidates: [best, ...others], evaluated };
}

const leastCandidates = 100;

function candidatesToFind(nodeCount: number): number {
  if (nodeCount <= leastCandidates) return nodeCount;
  const percent = Math.max(50 - Math.floor(nodeCount / 125), 5);
  return Math.max(leastCandidates, Math.floor((nodeCount * percent) / 100));
}

function selectHost(scored: readonly ScoredNode[], random: () => number): ScoredNode {
  const highest = Math.max(...scored.map(({ total }) => total));
  const best = scored.filter(({ total }) => total === highest);
  return best[Math.floor(random() * best.length)] as ScoredNode;
}

function fitMessage(nodeCount: number, rejections: readonly Rejection[]): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const { reasons } of rejections) for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const histogram = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
  return `0/${nodeCount} nodes are available: ${histogram.join(', ')}.`;
}
