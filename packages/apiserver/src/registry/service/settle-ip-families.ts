import { newInvalid } from '@podling/shared/api';
import type { FieldError, Service, ServiceSpec } from '@podling/shared/api';
import { isHeadless, serviceKind } from '@podling/shared/scheme';
import { sameSpec } from '../generic/same-object.ts';
import { familyOf } from './cluster-ip-range.ts';
import type { IPFamily } from './cluster-ip-range.ts';

const invalid = (field: string, value: unknown, detail: string): FieldError =>
  ({ field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value) ?? 'null'}: ${detail}` });

/**
 * Fills in `ipFamilies` and `ipFamilyPolicy` from what the user says, what was, and what the cluster has: one family.
 * Throws 422 for what it cannot give. `service` is the caller's own.
 */
export function settleIPFamilies(service: Service, old: Service | undefined, clusterFamily: IPFamily): void {
  const spec = service.spec ?? {};
  if (spec.type === 'ExternalName') return;
  const isFree = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.spec?.ipFamilyPolicy ?? (isFree ? 'RequireDualStack' : 'SingleStack');
  if (spec.ipFamilyPolicy === 'SingleStack') releaseSecond(spec, old?.spec);
  const errors = [...policyErrors(spec), ...inferFamilies(spec, clusterFamily)];
  if (errors.length === 0 && !isFree) errors.push(...clusterErrors(spec, clusterFamily));
  if (errors.length > 0) throw newInvalid(serviceKind, service.metadata.name, errors);
  if ((spec.ipFamilies ?? []).length === 0) spec.ipFamilies = [clusterFamily];
  const [first] = spec.ipFamilies ?? [];
  if (isFree && spec.ipFamilies?.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    spec.ipFamilies = [...spec.ipFamilies, first === 'IPv4' ? 'IPv6' : 'IPv4'];
  }
}

/** To ask for one family, with all else as it was, is to give up the other. */
function releaseSecond(spec: ServiceSpec, old: ServiceSpec | undefined): void {
  if (!old) return;
  if (sameSpec(spec.clusterIPs, old.clusterIPs) && (spec.clusterIPs ?? []).length > 1) spec.clusterIPs = spec.clusterIPs?.slice(0, 1) ?? [];
  if (sameSpec(spec.ipFamilies, old.ipFamilies) && (spec.ipFamilies ?? []).length > 1) spec.ipFamilies = spec.ipFamilies?.slice(0, 1) ?? [];
}

function policyErrors({ ipFamilyPolicy, clusterIPs = [], ipFamilies = [] }: ServiceSpec): FieldError[] {
  if (ipFamilyPolicy !== 'SingleStack') return [];
  const detail = (what: string) => `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
  return [...(clusterIPs.length === 2 ? [detail('cluster IPs')] : []), ...(ipFamilies.length === 2 ? [detail('IP families')] : [])]
    .map((why) => invalid('spec.ipFamilyPolicy', ipFamilyPolicy, why));
}

function inferFamilies(spec: ServiceSpec, clusterFamily: IPFamily): FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  if (clusterIPs[0] === 'None') return [];
  const missing = clusterIPs.slice(ipFamilies.length).map(familyOf);
  const foreign = missing.findIndex((family) => family !== clusterFamily);
  if (foreign >= 0) return [invalid(`spec.clusterIPs[${ipFamilies.length + foreign}]`, clusterIPs, `${missing[foreign]} is not configured on this cluster`)];
  if (missing.length > 0) spec.ipFamilies = [...ipFamilies, ...missing];
  return [];
}

function clusterErrors({ ipFamilyPolicy, ipFamilies = [] }: ServiceSpec, clusterFamily: IPFamily): FieldError[] {
  return [
    ...(ipFamilyPolicy === 'RequireDualStack' ? [invalid('spec.ipFamilyPolicy', ipFamilyPolicy, 'this cluster is not configured for dual-stack services')] : []),
    ...ipFamilies.flatMap((family, index) => (family === clusterFamily ? [] : [invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')])),
  ];
}
