import type { Affinity, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm, Toleration, TopologySpreadConstraint } from '../affinity.ts';
import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isLabelValue, isQualifiedName } from '../names.ts';
import type { LabelSelector } from '../object-meta.ts';
import { check, checkOptional, checkRequired, eachOf, forbidden, invalid, required } from './field-errors.ts';
import { validateLabels } from './object-meta.ts';

export function validateTolerations(tolerations: Toleration[] | undefined, path: string): FieldError[] {
  return eachOf(tolerations, path, validateToleration);
}

function validateToleration({ key, operator, value, effect, tolerationSeconds }: Toleration, path: string): FieldError[] {
  const errors = checkOptional(`${path}.key`, key, isQualifiedName);
  if (!key && operator !== 'Exists') {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalid(`${path}.operator`, operator ?? '', detail));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(invalid(`${path}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  return [...errors, ...validateTolerationValue(operator, value, path)];
}

function validateTolerationValue(operator: Toleration['operator'], value: string | undefined, path: string): FieldError[] {
  if (!value) return [];
  if (operator === 'Exists') return [invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")];
  const reasons = isLabelValue(value);
  return reasons.length > 0 ? [invalid(`${path}.operator`, value, reasons.join(';'))] : [];
}

export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  return [
    ...validateLabels(selector?.matchLabels, `${path}.matchLabels`),
    ...eachOf(selector?.matchExpressions, `${path}.matchExpressions`, ({ key, operator, values }, at) => [
      ...check(`${at}.key`, key, isQualifiedName),
      ...validateValues(operator, values, at),
      ...eachOf(values, `${at}.values`, (value, valuePath) => check(valuePath, value, isLabelValue)),
    ]),
  ];
}

function validateValues(operator: string, values: string[] | undefined, path: string): FieldError[] {
  const count = values?.length ?? 0;
  switch (operator) {
    case 'In':
    case 'NotIn':
      return count > 0 ? [] : [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return count === 0 ? [] : [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case 'Gt':
    case 'Lt':
      return count === 1 ? [] : [required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [];
  }
}

export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  const requiredNodes = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const requiredPath = `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  const preferredPath = `${path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution`;
  return [
    ...(requiredNodes?.nodeSelectorTerms.length === 0 ? [required(requiredPath, 'must have at least one node selector term')] : []),
    ...eachOf(requiredNodes?.nodeSelectorTerms, requiredPath, validateTerm),
    ...eachOf(nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution, preferredPath, ({ weight, preference }, at) => [
      ...validateWeight(weight, at),
      ...validateTerm(preference, `${at}.preference`),
    ]),
    ...validatePodAffinity(podAffinity, `${path}.podAffinity`),
    ...validatePodAffinity(podAntiAffinity, `${path}.podAntiAffinity`),
  ];
}

function validateWeight(weight: number, path: string): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalid(`${path}.weight`, weight, 'must be in the range 1-100')];
}

function validateTerm({ matchExpressions, matchFields }: NodeSelectorTerm, path: string): FieldError[] {
  return [
    ...eachOf(matchExpressions, `${path}.matchExpressions`, (requirement, at) => [
      ...validateValues(requirement.operator, requirement.values, at),
      ...check(`${at}.key`, requirement.key, isQualifiedName),
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
    ...(key === 'metadata.name' ? [] : [invalid(`${path}.key`, key, 'not a valid field selector key')]),
  ];
}

function validatePodAffinity(affinity: PodAffinity | undefined, path: string): FieldError[] {
  const preferredPath = `${path}.preferredDuringSchedulingIgnoredDuringExecution`;
  return [
    ...eachOf(
      affinity?.requiredDuringSchedulingIgnoredDuringExecution,
      `${path}.requiredDuringSchedulingIgnoredDuringExecution`,
      validatePodAffinityTerm,
    ),
    ...eachOf(affinity?.preferredDuringSchedulingIgnoredDuringExecution, preferredPath, ({ weight, podAffinityTerm }, at) => [
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
    ...(term.topologyKey === ''
      ? [required(`${path}.topologyKey`, 'can not be empty')]
      : check(`${path}.topologyKey`, term.topologyKey, isQualifiedName)),
  ];
}

export function validateTopologySpread(constraints: TopologySpreadConstraint[] | undefined, path: string): FieldError[] {
  return eachOf(constraints, path, ({ maxSkew, topologyKey, labelSelector }, at) => [
    ...(maxSkew > 0 ? [] : [invalid(`${at}.maxSkew`, maxSkew, 'must be greater than zero')]),
    ...checkRequired(`${at}.topologyKey`, topologyKey, isQualifiedName),
    ...validateLabelSelector(labelSelector, `${at}.labelSelector`),
  ]);
}
