import { isIP } from 'node:net';
import { posix } from 'node:path';
import { parseCpuSet, parseDurationMs } from '../../util/index.ts';
import type { DefaultedKubeletConfiguration } from '../defaults/kubelet-configuration.ts';
import type { FieldError } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import { KubeletConfigurationSchema } from '../kubelet-configuration.ts';
import { isQualifiedName } from '../names.ts';
import { isQuantity, parseQuantity } from '../quantity.ts';
import { asSchema, type SchemaNode } from '../schema-node.ts';
import { check, checkNonNegative, checkRange, duplicate, duplicates, eachOf, forbidden, invalid, NEGATIVE, notSupported, required } from './field-errors.ts';
import { validateStructure } from './structure.ts';

type Configuration = DefaultedKubeletConfiguration;

/** All violations at once, those of Kubernetes' `ValidateKubeletConfiguration`, each with the path of its field. */
export function validateKubeletConfiguration(configuration: Configuration): FieldError[] {
  const durations = checkDurations(asSchema(KubeletConfigurationSchema), configuration, '');
  return [
    ...durations,
    ...validateStructure(KubeletConfigurationSchema, configuration),
    ...checkServing(configuration),
    ...checkNumbers(configuration),
    ...checkImages(configuration),
    ...checkLogs(configuration),
    ...checkReservations(configuration),
    ...checkManagers(configuration),
    ...eachOf(configuration.registerWithTaints, 'registerWithTaints', checkTaint),
    ...(durations.length === 0 ? checkPeriods(configuration) : []),
  ];
}

function checkDurations(schema: SchemaNode, value: unknown, path: string): FieldError[] {
  if (schema['x-podling-duration'] && typeof value === 'string') return checkDuration(value, path);
  if (!isJsonObject(value)) return [];
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => checkDurations(property, value[key], at(key)));
}

function checkDuration(text: string, path: string): FieldError[] {
  if (text.startsWith('-')) return [invalid(path, text, 'must not be negative')];
  try {
    parseDurationMs(text);
    return [];
  } catch {
    return [invalid(path, text, 'must be a duration: numbers with a unit, as in 10s, 1m30s or 500ms')];
  }
}

const checkPort = (field: string, port: number | undefined): FieldError[] => checkRange(field, port, 0, 65_535);

const checkIp = (field: string, address: string): FieldError[] => (isIP(address) === 0 ? [invalid(field, address, 'must be an IP address')] : []);

function checkServing({ address, port, readOnlyPort, healthzPort, healthzBindAddress, clusterDNS = [], ...rest }: Configuration): FieldError[] {
  const { staticPodURL = '', authentication, enableSystemLogQuery, runOnce } = rest;
  return [
    ...checkIp('address', address),
    ...checkPort('port', port),
    ...checkPort('readOnlyPort', readOnlyPort),
    ...checkPort('healthzPort', healthzPort),
    ...checkIp('healthzBindAddress', healthzBindAddress),
    ...eachOf(clusterDNS, 'clusterDNS', (server, path) => checkIp(path, server)),
    ...(authentication.anonymous.enabled ? [forbidden('authentication.anonymous.enabled', 'a request without a name is never let in')] : []),
    ...(staticPodURL === '' ? [] : [forbidden('staticPodURL', 'pods come from staticPodPath and from the apiserver')]),
    ...(enableSystemLogQuery === true ? [forbidden('enableSystemLogQuery', 'the NodeLogQuery feature gate is required')] : []),
    ...(runOnce === true ? [forbidden('runOnce', 'the mode has been deprecated and should not be set')] : []),
  ];
}

const nonNegative = ['eventBurst', 'eventRecordQPS', 'kubeAPIBurst', 'kubeAPIQPS', 'maxOpenFiles', 'maxPods', 'podsPerCore', 'registryBurst', 'registryPullQPS'] as const;

const ranges = {
  imageGCHighThresholdPercent: [0, 100], imageGCLowThresholdPercent: [0, 100], iptablesDropBit: [0, 31], iptablesMasqueradeBit: [0, 31],
  oomScoreAdj: [-1000, 1000],
} as const satisfies Partial<Record<keyof Configuration, readonly [number, number]>>;

function checkNumbers(configuration: Configuration): FieldError[] {
  const { nodeLeaseDurationSeconds, nodeStatusMaxImages, memoryThrottlingFactor: factor } = configuration;
  const bounds = Object.entries(ranges) as [keyof typeof ranges, readonly [number, number]][];
  return [
    ...nonNegative.flatMap((field) => checkNonNegative(field, configuration[field])),
    ...bounds.flatMap(([field, [min, max]]) => checkRange(field, configuration[field], min, max)),
    ...(nodeLeaseDurationSeconds > 0 ? [] : [invalid('nodeLeaseDurationSeconds', nodeLeaseDurationSeconds, 'must be greater than 0')]),
    ...(nodeStatusMaxImages >= -1 ? [] : [invalid('nodeStatusMaxImages', nodeStatusMaxImages, 'must be -1 or greater')]),
    ...(factor > 0 && factor <= 1 ? [] : [invalid('memoryThrottlingFactor', factor, 'must be greater than 0 and less than or equal to 1.0')]),
  ];
}

function checkImages(configuration: Configuration): FieldError[] {
  const { imageGCLowThresholdPercent: low, imageGCHighThresholdPercent: high, maxParallelImagePulls: pulls = 1, serializeImagePulls } = configuration;
  const { imagePullCredentialsVerificationPolicy: policy, preloadedImagesVerificationAllowlist: allowed = [] } = configuration;
  return [
    ...(low < high ? [] : [invalid('imageGCLowThresholdPercent', low, `must be less than imageGCHighThresholdPercent ${high}`)]),
    ...(pulls < 1 ? [invalid('maxParallelImagePulls', pulls, 'must be a positive number')] : []),
    ...(serializeImagePulls && pulls > 1 ? [invalid('maxParallelImagePulls', pulls, 'cannot be larger than 1 unless serializeImagePulls is set to false')] : []),
    ...(allowed.length > 0 && policy !== 'NeverVerifyAllowlistedImages' ? [forbidden('preloadedImagesVerificationAllowlist', 'may be set only when `imagePullCredentialsVerificationPolicy` is NeverVerifyAllowlistedImages')] : []),
  ];
}

function checkLogs({ containerLogMaxSize, containerLogMaxFiles, containerLogMaxWorkers, podLogsDir }: Configuration): FieldError[] {
  const path = podLogsDir === undefined || (posix.isAbsolute(podLogsDir) && posix.normalize(podLogsDir) === podLogsDir && !podLogsDir.slice(1).endsWith('/'));
  return [
    ...(isQuantity(containerLogMaxSize) ? [] : [invalid('containerLogMaxSize', containerLogMaxSize, 'must be a quantity, as in 10Mi')]),
    ...(containerLogMaxFiles > 1 ? [] : [invalid('containerLogMaxFiles', containerLogMaxFiles, 'must be greater than 1')]),
    ...(containerLogMaxWorkers >= 1 ? [] : [invalid('containerLogMaxWorkers', containerLogMaxWorkers, 'must be greater than or equal to 1')]),
    ...(path ? [] : [invalid('podLogsDir', podLogsDir, 'must be an absolute and normalized path')]),
  ];
}

const enforcements = ['pods', 'system-reserved', 'system-reserved-compressible', 'kube-reserved', 'kube-reserved-compressible', 'none'];

function checkReservations(configuration: Configuration): FieldError[] {
  const { enforceNodeAllocatable: list, systemCgroups, cgroupRoot, cgroupsPerQOS } = configuration;
  const path = 'enforceNodeAllocatable';
  const needsQos = !cgroupsPerQOS && list.some((one) => one !== 'none');
  return [
    ...(systemCgroups && !cgroupRoot ? [required('cgroupRoot', 'systemCgroups was specified')] : []),
    ...eachOf(list, path, (one, at) => (enforcements.includes(one) ? checkReservation(configuration, one, at) : [notSupported(at, one, enforcements)])),
    ...duplicates(list, (one) => one, (one, index) => duplicate(`${path}[${index}]`, one)),
    ...checkReserved('systemReserved', configuration.systemReserved),
    ...checkReserved('kubeReserved', configuration.kubeReserved),
    ...checkReservedCpus(configuration),
    ...(needsQos ? [invalid('cgroupsPerQOS', false, `must be true when ${path} names anything but none`)] : []),
  ];
}

const reservable = ['cpu', 'memory', 'ephemeral-storage', 'pid'];

function checkReserved(path: string, list: Readonly<Record<string, string>> = {}): FieldError[] {
  return Object.entries(list).flatMap(([name, amount]) => {
    const at = `${path}[${name}]`;
    if (!reservable.includes(name)) return [notSupported(at, name, reservable)];
    if (!isQuantity(amount)) return [invalid(at, amount, 'must be a quantity, as in 500m or 1Gi')];
    return parseQuantity(amount) < 0n ? [invalid(at, amount, NEGATIVE)] : [];
  });
}

function checkReservedCpus({ reservedSystemCPUs: cpus = '', systemReservedCgroup, kubeReservedCgroup }: Configuration): FieldError[] {
  const path = 'reservedSystemCPUs';
  if (cpus !== '' && (systemReservedCgroup || kubeReservedCgroup)) return [forbidden(path, 'may not be set together with systemReservedCgroup or kubeReservedCgroup')];
  try {
    parseCpuSet(cpus);
    return [];
  } catch {
    return [invalid(path, cpus, 'must be a list of CPUs, as in 0-2,7')];
  }
}

const cpuManagerOptions = ['full-pcpus-only', 'strict-cpu-reservation'];

/** What of the node's resources one container gets to itself. */
function checkManagers(configuration: Configuration): FieldError[] {
  const { cpuManagerPolicy, cpuManagerPolicyOptions: options = {}, topologyManagerPolicy, memoryManagerPolicy, qosReserved = {} } = configuration;
  const path = 'cpuManagerPolicyOptions';
  return [
    ...(cpuManagerPolicy === 'none' && Object.keys(options).length > 0 ? [forbidden(path, 'may be set only when cpuManagerPolicy is static')] : []),
    ...Object.entries(options).flatMap(([name, value]) => {
      if (!cpuManagerOptions.includes(name)) return [notSupported(`${path}[${name}]`, name, cpuManagerOptions)];
      return /^(true|false)$/.test(value) ? [] : [invalid(`${path}[${name}]`, value, 'must be true or false')];
    }),
    ...(topologyManagerPolicy === 'none' ? [] : [notSupported('topologyManagerPolicy', topologyManagerPolicy, ['none'])]),
    ...(memoryManagerPolicy === 'None' ? [] : [notSupported('memoryManagerPolicy', memoryManagerPolicy, ['None'])]),
    ...(Object.keys(qosReserved).length > 0 ? [forbidden('qosReserved', 'the QOSReserved feature gate is required')] : []),
  ];
}

function checkReservation({ enforceNodeAllocatable: list, ...configuration }: Configuration, one: string, path: string): FieldError[] {
  const group = one.startsWith('system') ? 'systemReservedCgroup' : one.startsWith('kube') ? 'kubeReservedCgroup' : undefined;
  return [
    ...(group && !configuration[group] ? [required(group, `${path} is ${one}`)] : []),
    ...(group && list.includes(`${one}-compressible`) ? [invalid(path, one, `cannot be specified together with ${one}-compressible`)] : []),
    ...(one === 'none' && list.length > 1 ? [invalid(path, one, 'may not contain additional enforcements')] : []),
  ];
}

/** The effect is of a closed set, which the structure has checked. */
function checkTaint({ key, value = '', timeAdded }: { key: string; value?: string; timeAdded?: string }, path: string): FieldError[] {
  return [
    ...check(`${path}.key`, key, isQualifiedName),
    ...(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value) ? [] : [invalid(`${path}.value`, value, 'must be a valid label value')]),
    ...(timeAdded === undefined ? [] : [forbidden(`${path}.timeAdded`, 'may not be set')]),
  ];
}

function checkPeriods(configuration: Configuration): FieldError[] {
  const { shutdownGracePeriod: whole, shutdownGracePeriodCriticalPods: critical, shutdownGracePeriodByPodPriority: groups = [] } = configuration;
  const { imageMinimumGCAge: youngest, imageMaximumGCAge: oldest, crashLoopBackOff, cpuCFSQuotaPeriod, containerLogMonitorInterval } = configuration;
  const between = (field: string, text: string, min: string, max: string): FieldError[] =>
    isWithin(text, min, max) ? [] : [invalid(field, text, `must be between ${min} and ${max}, inclusive`)];
  return [
    ...(isWithin(critical, '0s', whole) ? [] : [invalid('shutdownGracePeriodCriticalPods', critical, `must be less than or equal to shutdownGracePeriod ${whole}`)]),
    ...checkSecond('shutdownGracePeriod', whole),
    ...checkSecond('shutdownGracePeriodCriticalPods', critical),
    ...(groups.length > 0 && parseDurationMs(whole) > 0 ? [forbidden('shutdownGracePeriodByPodPriority', 'cannot be set together with shutdownGracePeriod')] : []),
    ...eachOf(groups, 'shutdownGracePeriodByPodPriority', ({ shutdownGracePeriodSeconds }, path) => checkNonNegative(`${path}.shutdownGracePeriodSeconds`, shutdownGracePeriodSeconds)),
    ...between('crashLoopBackOff.maxContainerRestartPeriod', crashLoopBackOff.maxContainerRestartPeriod, '1s', '300s'),
    ...between('cpuCFSQuotaPeriod', cpuCFSQuotaPeriod, '1ms', '1s'),
    ...(parseDurationMs(containerLogMonitorInterval) >= 3_000 ? [] : [invalid('containerLogMonitorInterval', containerLogMonitorInterval, 'must be greater than or equal to 3s')]),
    ...(parseDurationMs(oldest) > 0 && isWithin(oldest, '0s', youngest) ? [invalid('imageMaximumGCAge', oldest, `must be greater than imageMinimumGCAge ${youngest}`)] : []),
  ];
}

const isWithin = (text: string, min: string, max: string): boolean => parseDurationMs(min) <= parseDurationMs(text) && parseDurationMs(text) <= parseDurationMs(max);

function checkSecond(field: string, text: string): FieldError[] {
  const ms = parseDurationMs(text);
  return ms === 0 || ms >= 1_000 ? [] : [invalid(field, text, 'must be either zero or otherwise >= 1 sec')];
}
