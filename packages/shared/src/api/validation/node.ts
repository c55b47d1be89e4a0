import type { FieldError } from '../errors.ts';
import { isLabelValue, isQualifiedName } from '../names.ts';
import type { Node, NodeSpec, Taint } from '../node.ts';
import { check, checkRequiredMember, duplicate, eachOf, forbidden, invalid } from './field-errors.ts';
import { checkCidr, checkFamilies } from './ip.ts';
import { validateConfigStatus, validateSpecConfigSource } from './node-config-source.ts';
import { validateMeta, validateMetaUpdate } from './object-meta.ts';
import { validateAmount } from './resources.ts';
import { taintEffects } from './toleration.ts';

/** Kubernetes names the taints' path in this way. */
const TAINTS = 'metadata.taints';

export function validateNode(node: Node): FieldError[] {
  const { spec, status } = node;
  const swap = status?.nodeInfo?.swap?.capacity;
  return [
    ...validateMeta(node.metadata, { namespaced: false }),
    ...validateTaints(spec?.taints),
    ...validateResources(node),
    ...(swap !== undefined && swap <= 0 ? [invalid('metadata.nodeSwapStatus.capacity', swap, 'must be greater than zero')] : []),
    ...validateFeatures(status?.declaredFeatures ?? []),
    ...validateCidrs(spec?.podCIDRs),
  ];
}

export function validateNodeUpdate(next: Node, previous: Node): FieldError[] {
  return [...validateNode(next), ...validateNodeStatusUpdate(next, previous)];
}

/** What an update has to keep, also through `/status`. */
export function validateNodeStatusUpdate(next: Node, previous: Node): FieldError[] {
  const { spec = {}, status } = next;
  const isRenumbered = (spec.externalID ?? '') !== (previous.spec?.externalID ?? '');
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...validateResources(next),
    ...validateFeatures(status?.declaredFeatures ?? []),
    ...validateAddresses(next),
    ...validateSpecUpdate(spec, previous.spec ?? {}),
    ...(spec.configSource ? validateSpecConfigSource(spec.configSource, 'spec.configSource') : []),
    ...(status?.config ? validateConfigStatus(status.config, 'status.config') : []),
    ...validateTaints(spec.taints),
    ...(isRenumbered ? [forbidden('spec.externalID', 'may not be updated')] : []),
  ];
}

function validateResources({ status }: Node): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((list) =>
    Object.entries(status?.[list] ?? {}).flatMap(([name, amount]) => validateAmount(name, amount, `status.${list}.${name}`)));
}

function validateCidrs(cidrs: string[] | undefined): FieldError[] {
  const path = 'spec.podCIDRs';
  if (!cidrs) return [];
  return [
    ...eachOf(cidrs, path, (cidr, at) => checkCidr(at, cidr)),
    ...checkFamilies(path, cidrs, cidrs, 'may specify no more than one CIDR for each IP family'),
  ];
}

function validateTaints(taints: Taint[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return eachOf(taints, TAINTS, ({ key, value = '', effect, timeAdded }, path) => {
    const reasons = isLabelValue(value);
    const pair = `${key}:${effect}`;
    const isRepeated = seen.has(pair);
    seen.add(pair);
    const shown = { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null };
    return [
      ...check(`${path}.key`, key, isQualifiedName),
      ...(reasons.length > 0 ? [invalid(`${path}.value`, value, reasons.join(';'))] : []),
      ...checkRequiredMember(`${path}.effect`, effect, taintEffects),
      ...(isRepeated ? [duplicate(path, shown, 'taints must be unique by key and effect pair')] : []),
    ];
  });
}

const featureShape = /^[A-Z][a-zA-Z0-9]*(?:\/[a-zA-Z][a-zA-Z0-9]*)*$/;
const FEATURE_RULE = "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
const MAX_FEATURE_BYTES = 253;

function validateFeatures(features: string[]): FieldError[] {
  return eachOf(features, 'status.declaredFeatures', (feature, path, index) => {
    const following = features[index + 1];
    const next = `status.declaredFeatures[${index + 1}]`;
    const rule = Buffer.byteLength(feature) > MAX_FEATURE_BYTES ? `must be no more than ${MAX_FEATURE_BYTES} characters` : FEATURE_RULE;
    const isFine = feature.length <= MAX_FEATURE_BYTES && featureShape.test(feature);
    return [
      ...(isFine ? [] : [invalid(path, feature, `invalid feature name ${JSON.stringify(feature)}: ${rule}`)]),
      ...(feature === following ? [duplicate(next, following)] : []),
      ...(following !== undefined && feature > following ? [invalid(next, following, 'list must be sorted alphabetically')] : []),
    ];
  });
}

function validateAddresses({ status }: Node): FieldError[] {
  const seen = new Set<string>();
  return eachOf(status?.addresses, 'status.addresses', ({ type, address }, path) => {
    const key = `${type} ${address}`;
    if (seen.has(key)) return [duplicate(path, { Type: type, Address: address })];
    seen.add(key);
    return [];
  });
}

function validateSpecUpdate(next: NodeSpec, previous: NodeSpec): FieldError[] {
  const [before, after] = [previous.podCIDRs ?? [], next.podCIDRs ?? []];
  const changes = before.length === after.length ? before.filter((cidr, index) => cidr !== after[index]).length : 1;
  const isMoved = previous.providerID && previous.providerID !== next.providerID;
  const cidr = forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid');
  return [
    ...(before.length > 0 ? Array.from({ length: changes }, () => cidr) : []),
    ...(isMoved ? [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')] : []),
  ];
}
