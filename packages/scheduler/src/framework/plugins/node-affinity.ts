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
    return ({ node }) => {
      const labels = node.metadata.labels ?? {};
      const selected = wanted.every(([key, value]) => labels[key] === value);
      return selected && (terms === undefined || terms.some((term) => matchesTerm(node, term))) ? [] : refusal;
    };
  },
};

/** A term without any requirement matches nothing. */
function matchesTerm(node: Node, { matchExpressions = [], matchFields = [] }: NodeSelectorTerm): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  const fields: Record<string, string> = { 'metadata.name': node.metadata.name };
  return (
    matchExpressions.every((requirement) => matches(labels, requirement)) && matchFields.every((requirement) => matches(fields, requirement))
  );
}

function matches(present: Readonly<Record<string, string>>, { key, operator, values = [] }: NodeSelectorRequirement): boolean {
  const value = Object.hasOwn(present, key) ? present[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return compareWhole(value, values[0], (a, b) => a > b);
    case 'Lt':
      return compareWhole(value, values[0], (a, b) => a < b);
  }
}

const wholeNumber = /^[+-]?\d+$/;

function compareWhole(value: string | undefined, bound: string | undefined, holds: (a: bigint, b: bigint) => boolean): boolean {
  if (value === undefined || bound === undefined || !wholeNumber.test(value) || !wholeNumber.test(bound)) return false;
  return holds(parseWhole(value), parseWhole(bound));
}

function parseWhole(text: string): bigint {
  return BigInt(text.startsWith('+') ? text.slice(1) : text);
}
