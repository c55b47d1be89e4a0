import { isDeepStrictEqual } from 'node:util';
import type { Endpoint, EndpointHints, EndpointSlice, DiscoveryEndpointPort } from '../endpoint-slice.ts';
import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isDNS1123Subdomain, isLabelValue, isQualifiedName } from '../names.ts';
import { check, checkMember, checkOptional, checkRequiredMember, duplicate, duplicates, eachOf, invalid, required, tooMany } from './field-errors.ts';
import { checkIp, checkReachableIp, familyOf, warnIp } from './ip.ts';
import { immutableField, validateAnyMeta, validateAnyMetaUpdate, validateLabels } from './object-meta.ts';

type AddressType = EndpointSlice['addressType'];

const limits = { endpoints: 1000, addresses: 100, ports: 20_000, hints: 8, topology: 16 };
const ownManagers = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

export function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  return [...validateAnyMeta(slice.metadata, { namespaced: true }), ...validateShape(slice), ...validateEndpoints(slice)];
}

export function validateEndpointSliceUpdate(next: EndpointSlice, previous: EndpointSlice): FieldError[] {
  return [
    ...validateAnyMetaUpdate(next.metadata, previous.metadata),
    ...validateShape(next),
    ...(isDeepStrictEqual(next.endpoints, previous.endpoints) ? [] : validateEndpoints(next)),
    ...immutableField('addressType', next.addressType, previous.addressType),
  ];
}

export function warnOfEndpointSlice({ metadata, endpoints }: EndpointSlice): string[] {
  if (ownManagers.includes(metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return [];
  return endpoints.flatMap(({ addresses }, index) => addresses.flatMap((address, at) => warnIp(`endpoints[${index}].addresses[${at}]`, address)));
}

export function warnOfNewEndpointSlice(slice: EndpointSlice): string[] {
  return [...(slice.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []), ...warnOfEndpointSlice(slice)];
}

function validateShape({ addressType, ports }: EndpointSlice): FieldError[] {
  return [...checkRequiredMember('addressType', addressType, ['FQDN', 'IPv4', 'IPv6']), ...validatePorts(ports)];
}

function validatePorts(ports: DiscoveryEndpointPort[]): FieldError[] {
  if (ports.length > limits.ports) return [tooMany('ports', ports.length, limits.ports)];
  return [
    ...eachOf(ports, 'ports', ({ name, protocol, appProtocol }, at) => [
      ...checkOptional(`${at}.name`, name, isDNS1123Label),
      ...checkMember(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
      ...(appProtocol === undefined ? [] : check(`${at}.appProtocol`, appProtocol, isQualifiedName)),
    ]),
    ...duplicates(ports, ({ name = '' }) => `:${name}`, ({ name = '' }, index) => duplicate(`ports[${index}].name`, name)),
  ];
}

function validateEndpoints({ endpoints, addressType }: EndpointSlice): FieldError[] {
  if (endpoints.length > limits.endpoints) return [tooMany('endpoints', endpoints.length, limits.endpoints)];
  return eachOf(endpoints, 'endpoints', (endpoint, at) => validateEndpoint(endpoint, addressType, at));
}

function validateEndpoint({ addresses, nodeName, deprecatedTopology = {}, hostname, hints = {} }: Endpoint, addressType: AddressType, at: string): FieldError[] {
  const labels = Object.keys(deprecatedTopology).length;
  return [
    ...(addresses.length === 0 ? [required(`${at}.addresses`, 'must contain at least 1 address')] : []),
    ...(addresses.length > limits.addresses ? [tooMany(`${at}.addresses`, addresses.length, limits.addresses)] : []),
    ...eachOf(addresses, `${at}.addresses`, (address, path) => validateAddress(address, addressType, path, `${at}.addresses`)),
    ...(nodeName === undefined ? [] : check(`${at}.nodeName`, nodeName, isDNS1123Subdomain)),
    ...(labels > limits.topology ? [tooMany(`${at}.deprecatedTopology`, labels, limits.topology)] : []),
    ...validateLabels(deprecatedTopology, `${at}.deprecatedTopology`),
    ...(hostname === undefined ? [] : check(`${at}.hostname`, hostname, isDNS1123Label)),
    ...validateHints(hints, `${at}.hints`),
  ];
}

function validateAddress(address: string, addressType: AddressType, path: string, listPath: string): FieldError[] {
  if (addressType === 'FQDN') return validateDomainName(address, path);
  if (addressType !== 'IPv4' && addressType !== 'IPv6') return [];
  const malformed = checkIp(path, address);
  if (malformed.length > 0) return malformed;
  const isOther = familyOf(address) !== addressType;
  return [...(isOther ? [invalid(listPath, address, `must be an ${addressType} address`)] : []), ...checkReachableIp(path, address)];
}

function validateDomainName(text: string, path: string): FieldError[] {
  if (text === '') return [required(path)];
  const name = text.replace(/\.$/, '');
  const reasons = isDNS1123Subdomain(name);
  if (reasons.length > 0) return [invalid(path, name, reasons.join(','))];
  if (!name.includes('.')) return [invalid(path, name, 'should be a domain with at least two segments separated by dots')];
  return name.split('.').flatMap((label) => check(path, label, isDNS1123Label)).slice(0, 1);
}

function validateHints({ forZones = [], forNodes = [] }: EndpointHints, at: string): FieldError[] {
  const zones = validateHint(forZones, `${at}.forZones`, isLabelValue);
  return forZones.length > limits.hints ? zones : [...zones, ...validateHint(forNodes, `${at}.forNodes`, isDNS1123Subdomain)];
}

function validateHint(hints: readonly { name: string }[], path: string, reasonsOf: (name: string) => string[]): FieldError[] {
  if (hints.length > limits.hints) return [tooMany(path, hints.length, limits.hints)];
  return [
    ...eachOf(hints, path, ({ name }, at) => check(`${at}.name`, name, reasonsOf)),
    ...duplicates(hints, ({ name }) => `:${name}`, ({ name }, index) => duplicate(`${path}[${index}].name`, name)),
  ];
}
