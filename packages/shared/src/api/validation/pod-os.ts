import type { FieldError } from '../errors.ts';
import { containersOf } from '../pod-containers.ts';
import type { PodSpec } from '../pod.ts';
import { forbidden, invalid, notSupported, required } from './field-errors.ts';

const NOT_ON_WINDOWS = 'cannot be set for a windows pod';
const NOT_ON_LINUX = 'windows options cannot be set for a linux pod';

/** What a pod says of its operating system, and what may not be set on it. */
export function validateOs(spec: PodSpec, path: string): FieldError[] {
  const name: string | undefined = spec.os?.name;
  if (name === undefined) return [];
  if (name === '') return [required(`${path}.os.name`)];
  if (name === 'linux') return validateLinux(spec, path);
  return name === 'windows' ? validateWindows(spec, path) : [notSupported(`${path}.os`, name, ['linux', 'windows'])];
}

function validateLinux(spec: PodSpec, path: string): FieldError[] {
  const given = [[spec, path] as const, ...containersOf(spec, path)].filter(([{ securityContext }]) => securityContext?.windowsOptions);
  return given.map(([, at]) => forbidden(`${at}.securityContext.windowsOptions`, NOT_ON_LINUX));
}

const linuxOnly = [
  'securityContext.appArmorProfile', 'securityContext.seLinuxOptions', 'hostUsers', 'hostPID', 'hostIPC', 'securityContext.seccompProfile',
  'securityContext.fsGroup', 'securityContext.fsGroupChangePolicy', 'securityContext.sysctls', 'shareProcessNamespace', 'securityContext.runAsUser',
  'securityContext.runAsGroup', 'securityContext.supplementalGroups', 'securityContext.supplementalGroupsPolicy', 'securityContext.seLinuxChangePolicy',
];
const linuxOnlyInContainers = [
  'appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount',
  'runAsUser', 'runAsGroup',
] as const;
/** Of these false says the same as nothing. */
const flags = new Set(['hostPID', 'hostIPC']);

function validateWindows(spec: PodSpec, path: string): FieldError[] {
  const { securityContext = {} } = spec;
  const valueOf = (field: string): unknown => {
    const name = field.replace('securityContext.', '');
    return (name === field ? spec : securityContext)[name as never];
  };
  const isGiven = (field: string) => valueOf(field) !== undefined && !(flags.has(field) && valueOf(field) === false);
  return [
    ...linuxOnly.filter(isGiven).map((field) => forbidden(`${path}.${field}`, NOT_ON_WINDOWS)),
    ...containersOf(spec, path).flatMap(([{ securityContext: own }, at]) =>
      linuxOnlyInContainers.filter((name) => own?.[name] !== undefined).map((name) => forbidden(`${at}.securityContext.${name}`, NOT_ON_WINDOWS))),
  ];
}

/** A pod is on its Windows host with all its containers or with none. */
export function validateHostProcess(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const own = containersOf(spec, path).map(([{ securityContext }, at]) => ({ at, value: securityContext?.windowsOptions?.hostProcess }));
  const contradictions = own.filter(({ value }) => value !== undefined && ofPod !== undefined && value !== ofPod);
  const count = own.filter(({ value }) => value ?? ofPod).length;
  return [
    ...contradictions.map(({ at, value }) => invalid(`${at}.securityContext.windowsOptions.hostProcess`, value, `pod hostProcess value must be identical if both are specified, was ${ofPod}`)),
    ...(count > 0 && count !== own.length ? [invalid(path, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers')] : []),
    ...(count > 0 && !spec.hostNetwork ? [invalid(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers')] : []),
  ];
}

/** With users of its own a pod cannot share other namespaces or raw devices with the host. */
export function validateHostUsers(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const detail = 'when `hostUsers` is false';
  return [
    ...(spec.hostNetwork ? [forbidden(`${path}.hostNetwork`, detail)] : []),
    ...(spec.hostPID ? [forbidden(`${path}.HostPID`, detail)] : []),
    ...(spec.hostIPC ? [forbidden(`${path}.HostIPC`, detail)] : []),
    ...containersOf(spec, path).filter(([{ volumeDevices }]) => volumeDevices?.length).map(([, at]) => forbidden(`${at}.volumeDevices`, detail)),
  ];
}
