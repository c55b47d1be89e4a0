import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from '../names.ts';
import type { PodStatus } from '../pod-status.ts';
import type { Pod, PodSpec } from '../pod.ts';
import { validateContainerStatuses } from './container-status.ts';
import { check, checkRequired, duplicate, eachOf, forbidden, invalid, required } from './field-errors.ts';
import { checkFamilies, checkIp } from './ip.ts';
import { immutableField, validateMetaUpdate } from './object-meta.ts';
import { validatePodAnnotationsUpdate } from './pod-annotations.ts';

const NOT_NEGATIVE = 'must be a non-negative integer';

/** Rules of an update through `/status`. It is the kubelet's most frequent write: nothing of the spec is looked at again. */
export function validatePodStatusUpdate(next: Pod, previous: Pod): FieldError[] {
  const [status, before] = [next.status ?? {}, previous.status ?? {}];
  const { observedGeneration = 0 } = status;
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...validatePodAnnotationsUpdate(next.metadata.annotations, previous.metadata.annotations, 'metadata.annotations'),
    ...validateConditions(status.conditions),
    ...validateNomination(status.nominatedNodeName, previous),
    ...(observedGeneration < 0 ? [invalid('status.observedGeneration', observedGeneration, NOT_NEGATIVE)] : []),
    ...immutableField('status.qosClass', status.qosClass, before.qosClass),
    ...validateContainerStatuses(status, before, next.spec),
    ...validateClaimStatuses(status.resourceClaimStatuses, next.spec),
    ...validateExtendedClaim(status.extendedResourceClaimStatus, next.spec, 'status.extendedResourceClaimStatus'),
    ...validateIps('podIPs', status.podIPs, before.podIPs),
    ...validateHostIp(status),
    ...validateIps('hostIPs', status.hostIPs, before.hostIPs),
  ];
}

const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized']);

function validateConditions(conditions: PodStatus['conditions']): FieldError[] {
  return eachOf(conditions, 'status.conditions', ({ type, observedGeneration = 0 }, path) => [
    ...(observedGeneration < 0 ? [invalid(`${path}.observedGeneration`, observedGeneration, NOT_NEGATIVE)] : []),
    ...(systemConditions.has(type) ? [] : check(`${path}.Type`, type, isQualifiedName)),
  ]);
}

function validateNomination(name: string | undefined, { spec, status }: Pod): FieldError[] {
  const path = 'status.nominatedNodeName';
  if (!name || name === status?.nominatedNodeName) return [];
  return [
    ...check(path, name, isDNS1123Subdomain),
    ...(spec.nodeName ? [forbidden(path, 'may not be set on pods that are already bound to a node')] : []),
  ];
}

function validateClaimStatuses(statuses: PodStatus['resourceClaimStatuses'], { resourceClaims }: PodSpec): FieldError[] {
  const seen = new Set<string>();
  return eachOf(statuses, 'status.resourceClaimStatuses', ({ name, resourceClaimName }, path) => {
    const isKnown = resourceClaims?.some((claim) => claim.name === name);
    const isRepeated = seen.has(name);
    seen.add(name);
    return [
      ...(isKnown ? [] : [invalid(`${path}.name`, name, 'must match the name of an entry in `spec.resourceClaims`')]),
      ...(isRepeated ? [duplicate(`${path}.name`, name)] : []),
      ...(resourceClaimName === undefined ? [] : check(`${path}.resourceClaimName`, resourceClaimName, isDNS1123Subdomain)),
    ];
  });
}

function validateExtendedClaim(status: PodStatus['extendedResourceClaimStatus'], spec: PodSpec, path: string): FieldError[] {
  if (!status) return [];
  const { requestMappings, resourceClaimName } = status;
  const containers = new Map([...(spec.initContainers ?? []), ...spec.containers].map((container) => [container.name, container]));
  return [
    ...(requestMappings.length === 0 ? [required(`${path}.requestMappings`, 'at least one request mapping is required')] : []),
    ...eachOf(requestMappings, `${path}.requestMappings`, ({ containerName, resourceName, requestName }, at) => {
      const container = containers.get(containerName);
      const isAsked = container?.resources?.requests?.[resourceName] !== undefined;
      const where = 'spec.initContainers.resources.requests or spec.containers.resources.requests';
      return [
        ...(container ? [] : [invalid(`${at}.containerName`, containerName, 'must match the name of an entry in spec.initContainers.name or spec.containers.name')]),
        ...(container && !isAsked ? [invalid(`${at}.resourceName`, resourceName, `must match the extended resource name of an entry in ${where}`)] : []),
        ...check(`${path}.requestName`, requestName, isDNS1123Label),
      ];
    }),
    ...checkRequired(`${path}.resourceClaimName`, resourceClaimName, isDNS1123Subdomain),
  ];
}

type Ips = { ip: string }[];

/** An address that was there before is not looked at again. */
function validateIps(name: 'podIPs' | 'hostIPs', next: Ips = [], previous: Ips = []): FieldError[] {
  const path = `status.${name}`;
  const known = previous.map(({ ip }) => ip);
  return [
    ...eachOf(next, path, ({ ip }, at) => checkIp(at, ip, known)),
    ...checkFamilies(path, next.map(({ ip }) => ip), next.map(({ ip }) => ({ IP: ip })), 'may specify no more than one IP for each IP family'),
  ];
}

function validateHostIp({ hostIP = '', hostIPs }: PodStatus): FieldError[] {
  const first = hostIPs?.[0]?.ip;
  return first === undefined || first === hostIP ? [] : [invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`')];
}
