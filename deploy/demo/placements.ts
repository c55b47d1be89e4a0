interface PodBound {
  msg: string;
  pod: string;
  scores: { node: string; total: number }[];
}

/** Scores of each pod's candidates as the scheduler has logged them, best first: `node-2 397, node-1 391`. Keyed by pod name. */
export function placements(log: string): Map<string, string> {
  const bound = log
    .split('\n')
    .filter((line) => line.includes('"pod bound"'))
    .map((line) => JSON.parse(line) as PodBound);
  return new Map(
    bound.map(({ pod, scores }) => {
      const best = scores.toSorted((a, b) => b.total - a.total);
      return [pod.split('/')[1] ?? pod, best.map(({ node, total }) => `${node} ${total}`).join(', ')];
    }),
  );
}
