import type { FilterPlugin } from '../framework.ts';

const refusal = ["node(s) didn't match the requested node name"];

/** A pod that names its node runs there or nowhere. */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  helpfulEvents: ['NodeAdded'],
  filterFor({ pod }) {
    const wanted = pod.spec.nodeName;
    if (!wanted) return undefined;
    return ({ node }) => (node.metadata.name === wanted ? [] : refusal);
  },
};
