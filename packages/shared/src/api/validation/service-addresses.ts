import { isIP } from 'node:net';
import type { FieldError } from '../errors.ts';
import { equalJson } from '../json.ts';
import { isHeadless } from '../service-traits.ts';
import type { ServiceSpec } from '../service.ts';
import { duplicate, duplicates, eachOf, invalid, required } from './field-errors.ts';

const path = 'spec.clusterIPs';

/** Cluster IPs and families among themselves; what the cluster can give is another question. */
export function validateServiceAddresses(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const families = duplicates(spec.ipFamilies, (family) => family, (family, index) => duplicate(`spec.ipFamilies[${index}]`, family));
  const malformed = validateIps(spec.clusterIPs ?? []);
  return [...validateFirst(spec), ...families, ...malformed, ...(malformed.length > 0 ? [] : validateStack(spec))];
}

function validateFirst({ clusterIP = '', clusterIPs = [] }: ServiceSpec): FieldError[] {
  if (clusterIP === '') return clusterIPs.length > 0 ? [invalid(path, clusterIPs, 'must be empty when `clusterIP` is not specified')] : [];
  if (clusterIPs.length === 0) return [required(path)];
  return clusterIPs[0] === clusterIP ? [] : [invalid(path, clusterIPs, 'first value must match `clusterIP`')];
}

function validateIps(clusterIPs: string[]): FieldError[] {
  return [
    ...eachOf(clusterIPs, path, (ip, at, index) => {
      if (index === 0 && ip === 'None') return clusterIPs.length > 1 ? [invalid(path, clusterIPs, "'None' must be the first and only value")] : [];
      return isIP(ip) === 0 ? [invalid(at, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')] : [];
    }),
    ...(clusterIPs.length > 2 ? [invalid(path, clusterIPs, 'may only hold up to 2 values')] : []),
  ];
}

function validateStack(spec: ServiceSpec): FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  if (isHeadless(spec)) return [];
  const found = clusterIPs.map((ip) => (isIP(ip) === 6 ? 'IPv6' : 'IPv4'));
  const isRepeated = found.length > 1 && new Set(found).size < found.length;
  return [
    ...(isRepeated ? [invalid(path, clusterIPs, 'may specify no more than one IP for each IP family')] : []),
    ...eachOf(clusterIPs, path, (ip, at, index) => {
      const wanted = ipFamilies[index];
      if (wanted === undefined || wanted === found[index]) return [];
      return [invalid(at, ip, `expected an ${wanted} value as indicated by \`ipFamilies[${index}]\``)];
    }),
  ];
}

/** Addresses are for life, but for services that become or cease to be an ExternalName. */
export function validateAddressesUpdate(next: ServiceSpec, previous: ServiceSpec): FieldError[] {
  if (next.type === 'ExternalName' || previous.type === 'ExternalName') return [];
  const [isNow, was] = [isHeadless(next), isHeadless(previous)];
  if (isNow && was) return [];
  return [...validateIpsUpdate(next, previous), ...(isNow || was ? [] : validateFamiliesUpdate(next, previous))];
}

function validateIpsUpdate({ clusterIPs = [], ipFamilyPolicy }: ServiceSpec, { clusterIPs: old = [] }: ServiceSpec): FieldError[] {
  if (clusterIPs.length === 0 && old.length > 0) return [invalid(`${path}[0]`, clusterIPs, 'primary clusterIP can not be unset')];
  const shared = Math.min(old.length, clusterIPs.length);
  const changed = old.slice(0, shared).flatMap((ip, index) => (ip === clusterIPs[index] ? [] : [invalid(`${path}[${index}]`, clusterIPs, 'may not change once set')]));
  const released = old.length > clusterIPs.length && ipFamilyPolicy !== 'SingleStack';
  const detail = "must be set to 'SingleStack' when releasing the secondary clusterIP";
  return released ? [...changed, invalid('spec.ipFamilyPolicy', ipFamilyPolicy, detail)] : changed;
}

function validateFamiliesUpdate({ ipFamilies = [] }: ServiceSpec, { ipFamilies: old = [] }: ServiceSpec): FieldError[] {
  const shared = Math.min(old.length, ipFamilies.length);
  if (equalJson(ipFamilies.slice(0, shared), old.slice(0, shared))) return [];
  return [invalid('spec.ipFamilies[0]', ipFamilies, 'may not change once set')];
}
