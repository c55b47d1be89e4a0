import { tolerates, type Taint, type Toleration } from '@podling/shared/api';
import { maxNodeScore } from '../framework.ts';
import type { FilterPlugin, ScorePlugin } from '../framework.ts';

const refusal = ['node(s) had untolerated taint(s)'];

function untolerated(taints: readonly Taint[] | undefined, tolerations: readonly Toleration[], keepsAway: (taint: Taint) => boolean): number {
  if (taints === undefined) return 0;
  return taints.filter((taint) => keepsAway(taint) && !tolerations.some((toleration) => tolerates(toleration, taint))).length;
}

const isHard = ({ effect }: Taint): boolean => effect === 'NoSchedule' || effect === 'NoExecute';
const isSoft = ({ effect }: Taint): boolean => effect === 'PreferNoSchedule';

/** NoSchedule and NoExecute taints keep a pod away unless tolerated; PreferNoSchedule taints lower the node's score. */
export const taintToleration: FilterPlugin & ScorePlugin = {
  name: 'TaintToleration',
  weight: 3,
  helpfulEvents: ['NodeAdded', 'NodeTaintsChanged'],
  filterFor({ pod }) {
    const tolerations = pod.spec.tolerations ?? [];
    return ({ node }) => (untolerated(node.spec?.taints, tolerations, isHard) > 0 ? refusal : []);
  },
  scorerFor({ pod }) {
    const tolerations = (pod.spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    return ({ node }) => untolerated(node.spec?.taints, tolerations, isSoft);
  },
  normalize(scores) {
    const most = Math.max(...scores, 0);
    scores.forEach((score, index) => {
      scores[index] = most === 0 ? maxNodeScore : Math.floor(maxNodeScore - (maxNodeScore * score) / most);
    });
  },
};
