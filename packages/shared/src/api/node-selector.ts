import type { NodeSelectorRequirement, NodeSelectorTerm } from './affinity.ts';
import { newLabelMatcher } from './selectors.ts';
import type { Node } from './node.ts';
import type { PodSpec } from './pod.ts';

type NodeNames = Pick<Node, 'metadata'>;

/**
 * Whether a node is one that the pod may run on, by `nodeSelector` and the required terms of `affinity.nodeAffinity`: one term
 * must hold, all of its parts. Undefined: on any. Upstream twin: component-helpers' `GetRequiredNodeAffinity`.
 */
export function requiredNodeAffinity({ nodeSelector = {}, affinity }: PodSpec): ((node: NodeNames) => boolean) | undefined {
  const wanted = Object.entries(nodeSelector);
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (wanted.length === 0 && terms === undefined) return undefined;
  const selected = newLabelMatcher(wanted.map(([key, value]) => ({ key, operator: 'In', values: [value] })));
  const matchers = terms?.map(termMatcher);
  return (node) => selected.matches(node.metadata.labels) && (matchers === undefined || matchers.some((matchesTerm) => matchesTerm(node)));
}

/** A term without any requirement matches nothing. */
function termMatcher({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm): (node: NodeNames) => boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return () => false;
  const labels = requirementMatcher(matchExpressions);
  const fields = requirementMatcher(matchFields);
  return ({ metadata }) => labels.matches(metadata.labels) && fields.matches({ 'metadata.name': metadata.name });
}

function requirementMatcher(requirements: readonly NodeSelectorRequirement[]): ReturnType<typeof newLabelMatcher> {
  return newLabelMatcher(requirements.map(({ key, operator, values = [] }) => ({ key, operator, values })));
}
