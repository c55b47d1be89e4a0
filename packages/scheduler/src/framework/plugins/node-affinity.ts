import { newLabelMatcher } from '@podling/shared/api';
import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from '@podling/shared/api';
import type { FilterPlugin } from '../framework.ts';

const refusal = ["node(s) didn't match Pod's node affinity/selector"];

/** `nodeSelector` and the required terms of `affinity.nodeAffinity`: one term must hold, all of its parts. */
export const nodeAffinity: FilterPlugin = {
  name: 'NodeAffinity',
  helpfulEvents: ['NodeAdded', 'NodeLabelsChanged'],
  filterFor({ pod }) {
    const wanted = Object.entries(pod.spec.nodeSelector ?? {});
    const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
    if (wanted.length === 0 && terms === undefined) return undefined;
    const selected = newLabelMatcher(wanted.map(([key, value]) => ({ key, operator: 'In', values: [value] })));
    const matchers = terms?.map(termMatcher);
    return ({ node }) => {
      const matches = selected.matches(node.metadata.labels) && (matchers === undefined || matchers.some((matchesTerm) => matchesTerm(node)));
      return matches ? [] : refusal;
    };
  },
};

/** A term without any requirement matches nothing. */
function termMatcher({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): (node: Node) => boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return () => false;
  const labels = requirementMatcher(matchExpressions);
  const fields = requirementMatcher(matchFields);
  return ({ metadata }) => labels.matches(metadata.labels) && fields.matches({ 'metadata.name': metadata.name });
}

function requirementMatcher(requirements: readonly NodeSelectorRequirement[]): ReturnType<typeof newLabelMatcher> {
  return newLabelMatcher(requirements.map(({ key, operator, values = [] }) => ({ key, operator, values })));
}
