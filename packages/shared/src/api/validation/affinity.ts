import type { Affinity, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm } from '../affinity.ts';
import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from '../names.ts';
import type { LabelSelector } from '../object-meta.ts';
import { check, eachOf, forbidden, invalid, required } from './field-errors.ts';
import { validateLabelSelector, validateOperator, validateValues } from './label-selector.ts';

export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  if (!affinity) return [];
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  const preferredPath = `${path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution`;
  return [
    ...validateRequiredNodes(affinity, `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`),
    ...eachOf(nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution, preferredPath, ({ weight, preference }, at) => [
      ...validateWeight(weight, at),
      ...validateTerm(preference, false, `${at}.preference`),
    ]),
    ...validatePodAffinity(podAffinity, `${path}.podAffinity`),
    ...validatePodAffinity(podAntiAffinity, `${path}.podAntiAffinity`),
  ];
}

function validateRequiredNodes({ nodeAffinity }: Affinity, path: string): FieldError[] {
  const selector = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (selector?.nodeSelectorTerms.length === 0) return [required(path, 'must have at least one node selector term')];
  return eachOf(selector?.nodeSelectorTerms, path, (term, at) => validateTerm(term, true, at));
}

function validateWeight(weight: number, path: string): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalid(`${path}.weight`, weight, 'must be in the range 1-100')];
}

/** Preferred terms may hold values that are no labels: they match nothing, and a warning says so. */
function validateTerm({ matchExpressions, matchFields }: NodeSelectorTerm, checksValues: boolean, path: string): FieldError[] {
  return [
    ...eachOf(matchExpressions, `${path}.matchExpressions`, ({ key, operator, values }, at) => [
      ...validateOperator(operator, values?.length ?? 0, true, at),
      ...check(`${at}.key`, key, isQualifiedName),
      ...(checksValues ? validateValues(values, at) : []),
    ]),
    ...eachOf(matchFields, `${path}.matchFields`, validateFieldRequirement),
  ];
}

function validateFieldRequirement({ key, operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const isMembership = operator === 'In' || operator === 'NotIn';
  return [
    ...(isMembership ? [] : [invalid(`${path}.operator`, operator, 'not a valid selector operator')]),
    ...(isMembership && values.length !== 1
      ? [required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")]
      : []),
    ...(key === 'metadata.name'
      ? eachOf(values, `${path}.values`, (value, at) => check(at, value, isDNS1123Subdomain))
      : [invalid(`${path}.key`, key, 'not a valid field selector key')]),
  ];
}

function validatePodAffinity(affinity: PodAffinity | undefined, path: string): FieldError[] {
  if (!affinity) return [];
  const [requiredPath, preferredPath] = [`${path}.requiredDuringSchedulingIgnoredDuringExecution`, `${path}.preferredDuringSchedulingIgnoredDuringExecution`];
  return [
    ...eachOf(affinity.requiredDuringSchedulingIgnoredDuringExecution, requiredPath, validatePodAffinityTerm),
    ...eachOf(affinity.preferredDuringSchedulingIgnoredDuringExecution, preferredPath, ({ weight, podAffinityTerm }, at) => [
      ...validateWeight(weight, at),
      ...validatePodAffinityTerm(podAffinityTerm, `${at}.podAffinityTerm`),
    ]),
  ];
}

function validatePodAffinityTerm(term: PodAffinityTerm, path: string): FieldError[] {
  return [
    ...validateLabelSelector(term.labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`),
    ...eachOf(term.namespaces, path, (name) => check(`${path}.namespace`, name, isDNS1123Label)),
    ...validateLabelKeys(term, path),
    ...(term.topologyKey === '' ? [required(`${path}.topologyKey`, 'can not be empty')] : []),
    ...check(`${path}.topologyKey`, term.topologyKey, isQualifiedName),
  ];
}

interface LabelKeys {
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
  labelSelector?: LabelSelector;
}

/** Keys whose values are taken from the pod itself and added to its selector. */
export function validateLabelKeys({ matchLabelKeys = [], mismatchLabelKeys = [], labelSelector }: LabelKeys, path: string): FieldError[] {
  const keys = (names: string[], at: string) => {
    if (names.length > 0 && !labelSelector) return [forbidden(at, 'must not be specified when labelSelector is not set')];
    return eachOf(names, at, (name, keyPath) => check(keyPath, name, isQualifiedName));
  };
  const mismatching = new Set(mismatchLabelKeys);
  const inBoth = matchLabelKeys.flatMap((name, index) => (mismatching.has(name) ? [index] : []));
  return [
    ...keys(matchLabelKeys, `${path}.matchLabelKeys`),
    ...keys(mismatchLabelKeys, `${path}.mismatchLabelKeys`),
    ...validateMergedKeys(matchLabelKeys, labelSelector, path),
    ...inBoth.map((index) => invalid(`${path}.matchLabelKeys[${index}]`, matchLabelKeys[index], 'exists in both matchLabelKeys and mismatchLabelKeys')),
  ];
}

/** One expression with a key is what the server itself has added; a second one is the user's. */
function validateMergedKeys(keys: string[], selector: LabelSelector | undefined, path: string): FieldError[] {
  const seen = new Set(Object.keys(selector?.matchLabels ?? {}));
  const places = new Map(keys.map((key, index) => [key, index]));
  return (selector?.matchExpressions ?? []).flatMap(({ key }) => {
    const index = places.get(key);
    const isRepeated = index !== undefined && seen.has(key);
    seen.add(key);
    return isRepeated ? [invalid(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector')] : [];
  });
}
