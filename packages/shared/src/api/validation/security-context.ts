import type { FieldError } from '../errors.ts';
import type { PodSpec } from '../pod.ts';
import type { PodSecurityContext, SecurityContext, Sysctl } from '../security-context.ts';
import { checkMember, checkRange, duplicate, eachOf, invalid, required } from './field-errors.ts';
import { validateAppArmor, validateSeccomp } from './security-profile.ts';
import { validateWindowsOptions } from './windows-options.ts';

const MAX_ID = 2 ** 31 - 1;

export function validateContainerSecurity(context: SecurityContext | undefined, hostUsers: boolean, path: string): FieldError[] {
  if (!context) return [];
  const needsOwnUsers = hostUsers && context.procMount === 'Unmasked';
  return [
    ...checkRange(`${path}.runAsUser`, context.runAsUser, 0, MAX_ID),
    ...checkRange(`${path}.runAsGroup`, context.runAsGroup, 0, MAX_ID),
    ...checkMember(`${path}.procMount`, context.procMount, ['Default', 'Unmasked']),
    ...(needsOwnUsers ? [invalid(`${path}.procMount`, context.procMount, '`hostUsers` must be false to use `Unmasked`')] : []),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateEscalation(context, path),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

function validateEscalation(context: SecurityContext, path: string): FieldError[] {
  const { allowPrivilegeEscalation, privileged, capabilities } = context;
  if (allowPrivilegeEscalation !== false) return [];
  const refuse = (what: string) => invalid(path, describe(context), `cannot set \`allowPrivilegeEscalation\` to false and ${what}`);
  const admins = (capabilities?.add ?? []).filter((name) => name === 'CAP_SYS_ADMIN');
  return [...(privileged ? [refuse('`privileged` to true')] : []), ...admins.map(() => refuse('`capabilities.Add` CAP_SYS_ADMIN'))];
}

/** The context as messages show it: every field by its full name. */
function describe(context: SecurityContext): Record<string, unknown> {
  const { capabilities, seLinuxOptions, windowsOptions, seccompProfile, appArmorProfile } = context;
  const profile = (value: SecurityContext['seccompProfile']) => (value ? { Type: value.type, LocalhostProfile: value.localhostProfile ?? null } : null);
  return {
    Capabilities: capabilities ? { Add: capabilities.add ?? null, Drop: capabilities.drop ?? null } : null,
    Privileged: context.privileged ?? null,
    SELinuxOptions: seLinuxOptions ?? null,
    WindowsOptions: windowsOptions ?? null,
    RunAsUser: context.runAsUser ?? null,
    RunAsGroup: context.runAsGroup ?? null,
    RunAsNonRoot: context.runAsNonRoot ?? null,
    ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
    AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
    ProcMount: context.procMount ?? null,
    SeccompProfile: profile(seccompProfile),
    AppArmorProfile: profile(appArmorProfile),
  };
}

/** Of the pod as a whole; `specPath` is the spec's. */
export function validatePodSecurity(spec: PodSpec, specPath: string): FieldError[] {
  const path = `${specPath}.securityContext`;
  const { securityContext: context = {}, hostPID, shareProcessNamespace } = spec;
  const sharesTwice = shareProcessNamespace && hostPID;
  return [
    ...validateIds(context, path),
    ...(sharesTwice ? [invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')] : []),
    ...validateSysctls(context.sysctls, spec, `${path}.sysctls`),
    ...checkMember(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
    ...checkMember(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...checkMember(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['MountOption', 'Recursive']),
  ];
}

function validateIds(context: PodSecurityContext, path: string): FieldError[] {
  return [
    ...checkRange(`${path}.fsGroup`, context.fsGroup, 0, MAX_ID),
    ...checkRange(`${path}.runAsUser`, context.runAsUser, 0, MAX_ID),
    ...checkRange(`${path}.runAsGroup`, context.runAsGroup, 0, MAX_ID),
    ...eachOf(context.supplementalGroups, `${path}.supplementalGroups`, (group, at) => checkRange(at, group, 0, MAX_ID)),
  ];
}

const MAX_SYSCTL_BYTES = 253;
const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const shownPattern = `^(${segment}[\\./])*${segment}$`;
const sysctlSegment = /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;
const isSysctl = (name: string) => name.length <= MAX_SYSCTL_BYTES && name.split(/[./]/).every((part) => sysctlSegment.test(part));

function validateSysctls(sysctls: Sysctl[] | undefined, spec: PodSpec, path: string): FieldError[] {
  const names = new Set<string>();
  return eachOf(sysctls, path, ({ name }, at) => {
    const errors = [...validateSysctlName(name, names, `${at}.name`), ...validateHostSysctl(name, spec, `${at}.name`)];
    names.add(name);
    return errors;
  });
}

function validateSysctlName(name: string, names: ReadonlySet<string>, path: string): FieldError[] {
  if (name === '') return [required(path)];
  if (!isSysctl(name)) return [invalid(path, name, `must have at most ${MAX_SYSCTL_BYTES} characters and match regex ${shownPattern}`)];
  return names.has(name) ? [duplicate(path, name)] : [];
}

const ipcSysctl = /^(?:kernel[./](?:shm(?:all|max|mni|_rmid_forced)?|msg(?:max|mnb|mni)?|sem)|fs[./]mqueue[./].*)$/;
const netSysctl = /^net[./]/;

/** In the host's own namespaces a pod may change nothing. */
function validateHostSysctl(name: string, { hostNetwork, hostIPC }: PodSpec, path: string): FieldError[] {
  if (hostNetwork && netSysctl.test(name)) return [invalid(path, name, "may not be specified when 'hostNetwork' is true")];
  return hostIPC && ipcSysctl.test(name) ? [invalid(path, name, "may not be specified when 'hostIPC' is true")] : [];
}
