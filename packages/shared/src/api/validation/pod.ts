import { isIP } from 'node:net';
import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from '../names.ts';
import type { Pod, PodSpec } from '../pod.ts';
import { validateContainers } from './container.ts';
import {
  check, checkNonNegative, checkOptional, checkRange, checkRequired, duplicate, duplicates, eachOf, invalid, required, tooLong,
} from './field-errors.ts';
import { validateLabels, validateMeta } from './object-meta.ts';
import { validateAmount } from './resources.ts';
import { validateAffinity, validateTolerations, validateTopologySpread } from './scheduling.ts';
import { validatePodSecurity } from './security-context.ts';
import { validateVolumes } from './volume.ts';

/** Also of a grace period: a deletion later than that has no date. */
const MAX_DEADLINE_SECONDS = 2 ** 31 - 1;

/** The rules for a new pod, with defaults applied. */
export function validatePod(pod: Pod): FieldError[] {
  return [...validateMeta(pod.metadata, { namespaced: true }), ...validatePodSpec(pod.spec)];
}

/** All violations of a pod spec, by field path. */
export function validatePodSpec(spec: PodSpec): FieldError[] {
  return [
    ...validateVolumes(spec.volumes, 'spec.volumes'),
    ...validateContainers(spec),
    ...validateLifetime(spec),
    ...validateIdentity(spec),
    ...validateNetwork(spec),
    ...validatePlacement(spec),
    ...validatePodSecurity(spec),
  ];
}

function validateLifetime(spec: PodSpec): FieldError[] {
  return [
    ...(spec.restartPolicy ? [] : [required('spec.restartPolicy')]),
    ...validateGracePeriod('spec.terminationGracePeriodSeconds', spec.terminationGracePeriodSeconds),
    ...checkRange('spec.activeDeadlineSeconds', spec.activeDeadlineSeconds, 1, MAX_DEADLINE_SECONDS),
  ];
}

function validateGracePeriod(field: string, seconds: number | undefined): FieldError[] {
  const isEndless = seconds !== undefined && seconds > MAX_DEADLINE_SECONDS;
  return isEndless ? [invalid(field, seconds, `must be less than or equal to ${MAX_DEADLINE_SECONDS}`)] : checkNonNegative(field, seconds);
}

function validateIdentity(spec: PodSpec): FieldError[] {
  const names = ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const;
  return [
    ...names.flatMap((name) => checkOptional(`spec.${name}`, spec[name], isDNS1123Subdomain)),
    ...checkOptional('spec.hostname', spec.hostname, isDNS1123Label),
    ...checkOptional('spec.subdomain', spec.subdomain, isDNS1123Label),
    ...validateHostnameOverride(spec),
  ];
}

function validateHostnameOverride({ hostnameOverride }: PodSpec): FieldError[] {
  if (!hostnameOverride) return [];
  const path = 'spec.hostnameOverride';
  return hostnameOverride.length > 64 ? [tooLong(path, 64)] : check(path, hostnameOverride, isDNS1123Subdomain);
}

function validateNetwork(spec: PodSpec): FieldError[] {
  return [
    ...validateDns(spec),
    ...eachOf(spec.hostAliases, 'spec.hostAliases', ({ ip, hostnames }, path) => [
      ...checkIp(`${path}.ip`, ip),
      ...eachOf(hostnames, `${path}.hostnames`, (name, at) => check(at, name, isDNS1123Subdomain)),
    ]),
    ...(spec.hostNetwork ? validateHostNetworkPorts(spec) : []),
  ];
}

export function checkIp(field: string, ip: string): FieldError[] {
  return isIP(ip) !== 0 ? [] : [invalid(field, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

function validateDns({ dnsPolicy, dnsConfig }: PodSpec): FieldError[] {
  const { nameservers = [], searches = [], options } = dnsConfig ?? {};
  const path = 'spec.dnsConfig';
  if (dnsPolicy === 'None' && !dnsConfig) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  return [
    ...(dnsPolicy ? [] : [required('spec.dnsPolicy')]),
    ...(nameservers.length > 3 ? [invalid(`${path}.nameservers`, nameservers, 'must not have more than 3 nameservers')] : []),
    ...eachOf(nameservers, `${path}.nameservers`, (ip, at) => checkIp(at, ip)),
    ...(searches.length > 32 ? [invalid(`${path}.searches`, searches, 'must not have more than 32 search paths')] : []),
    ...eachOf(searches, `${path}.searches`, (search, at) => checkSearchPath(at, search)),
    ...eachOf(options, `${path}.options`, ({ name }, at) => (name ? [] : [required(at, 'must not be empty')])),
  ];
}

/** A search path may be `.`, may end in a dot and may have underscores in front of its labels. */
function checkSearchPath(field: string, search: string): FieldError[] {
  if (search === '.') return [];
  const plain = search.replace(/\.$/, '').replaceAll('_', 'a');
  return isDNS1123Subdomain(plain).map((reason) => invalid(field, search, reason));
}

function validateHostNetworkPorts(spec: PodSpec): FieldError[] {
  return eachOf(spec.containers, 'spec.containers', ({ ports }, path) =>
    eachOf(ports, `${path}.ports`, ({ hostPort, containerPort }, at) =>
      hostPort === containerPort ? [] : [invalid(`${at}.hostPort`, hostPort ?? 0, 'must match `containerPort` when `hostNetwork` is true')],
    ),
  );
}

function validatePlacement(spec: PodSpec): FieldError[] {
  const { schedulingGates, readinessGates, overhead } = spec;
  return [
    ...validateLabels(spec.nodeSelector, 'spec.nodeSelector'),
    ...validateTolerations(spec.tolerations, 'spec.tolerations'),
    ...validateAffinity(spec.affinity, 'spec.affinity'),
    ...validateTopologySpread(spec.topologySpreadConstraints, 'spec.topologySpreadConstraints'),
    ...eachOf(schedulingGates, 'spec.schedulingGates', ({ name }, path) => check(path, name, isQualifiedName)),
    ...duplicates(schedulingGates, ({ name }) => name, ({ name }, index) => duplicate(`spec.schedulingGates[${index}]`, name)),
    ...eachOf(readinessGates, 'spec.readinessGates', ({ conditionType }, path) =>
      checkRequired(`${path}.conditionType`, conditionType, isQualifiedName),
    ),
    ...Object.entries(overhead ?? {}).flatMap(([name, amount]) => validateAmount(name, amount, `spec.overhead[${name}]`)),
  ];
}
