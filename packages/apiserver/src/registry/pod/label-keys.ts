import type { Affinity, Pod, PodAffinity, PodAffinityTerm, TopologySpreadConstraint } from '@podling/shared/api';

type Labels = Readonly<Record<string, string>>;

interface LabelKeys {
  labelSelector?: PodAffinityTerm['labelSelector'];
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
}

/** A selector that is not there matches nothing and gets nothing added. */
function withKeys<T extends LabelKeys>(keys: T, labels: Labels): T {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = keys;
  const requirements = (names: string[], operator: 'In' | 'NotIn') => names.flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
  const added = [...requirements(matchLabelKeys, 'In'), ...requirements(mismatchLabelKeys, 'NotIn')];
  if (!labelSelector || added.length === 0) return keys;
  return { ...keys, labelSelector: { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...added] } };
}

function withKeysOf(affinity: PodAffinity, labels: Labels): PodAffinity {
  const { requiredDuringSchedulingIgnoredDuringExecution: wanted, preferredDuringSchedulingIgnoredDuringExecution: preferred } = affinity;
  const term = (one: PodAffinityTerm): PodAffinityTerm => withKeys(one, labels);
  return {
    ...affinity,
    ...(wanted && { requiredDuringSchedulingIgnoredDuringExecution: wanted.map(term) }),
    ...(preferred && { preferredDuringSchedulingIgnoredDuringExecution: preferred.map((one) => ({ ...one, podAffinityTerm: term(one.podAffinityTerm) })) }),
  };
}

function ofAffinity({ podAffinity, podAntiAffinity, ...rest }: Affinity, labels: Labels): Affinity {
  return {
    ...rest,
    ...(podAffinity && { podAffinity: withKeysOf(podAffinity, labels) }),
    ...(podAntiAffinity && { podAntiAffinity: withKeysOf(podAntiAffinity, labels) }),
  };
}

/** Adds to selectors what `matchLabelKeys` and `mismatchLabelKeys` take from the pod's own labels (KEP-3633, KEP-3243). */
export function mergeLabelKeys(pod: Pod): void {
  const { metadata: { labels = {} }, spec: { affinity, topologySpreadConstraints } } = pod;
  if (affinity) pod.spec = { ...pod.spec, affinity: ofAffinity(affinity, labels) };
  if (topologySpreadConstraints) {
    pod.spec = { ...pod.spec, topologySpreadConstraints: topologySpreadConstraints.map((one: TopologySpreadConstraint) => withKeys(one, labels)) };
  }
}
