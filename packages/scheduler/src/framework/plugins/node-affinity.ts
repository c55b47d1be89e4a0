import { requiredNodeAffinity } from '@podling/shared/api';
import type { FilterPlugin } from '../framework.ts';

const refusal = ["node(s) didn't match Pod's node affinity/selector"];

/** `nodeSelector` and the required terms of `affinity.nodeAffinity`. */
export const nodeAffinity: FilterPlugin = {
  name: 'NodeAffinity',
  helpfulEvents: ['NodeAdded', 'NodeLabelsChanged'],
  filterFor({ pod }) {
    const matches = requiredNodeAffinity(pod.spec);
    return matches && (({ node }) => (matches(node) ? [] : refusal));
  },
};
