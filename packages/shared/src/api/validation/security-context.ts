import type { FieldError } from '../errors.ts';
import type { PodSpec } from '../pod.ts';
import type { PodSecurityContext, SeccompProfile, SecurityContext } from '../security-context.ts';
import { checkRange, duplicate, duplicates, eachOf, invalid, required } from './field-errors.ts';

const MAX_ID = 2 ** 31 - 1;

export function validateContainerSecurity(context: SecurityContext | undefined, path: string): FieldError[] {
  if (!context) return [];
  return [...validateIdentity(context, path), ...validateEscalation(context, path)];
}

function validateEscalation({ allowPrivilegeEscalation, privileged, capabilities }: SecurityContext, path: string): FieldError[] {
  if (allowPrivilegeEscalation !== false) return [];
  const addsSysAdmin = capabilities?.add?.includes('CAP_SYS_ADMIN');
  return [
    ...(privileged ? [invalid(path, {}, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true')] : []),
    ...(addsSysAdmin ? [invalid(path, {}, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN')] : []),
  ];
}

type Identity = Pick<PodSecurityContext, 'runAsUser' | 'runAsGroup' | 'seccompProfile'>;

function validateIdentity({ runAsUser, runAsGroup, seccompProfile }: Identity, path: string): FieldError[] {
  return [
    ...checkRange(`${path}.runAsUser`, runAsUser, 0, MAX_ID),
    ...checkRange(`${path}.runAsGroup`, runAsGroup, 0, MAX_ID),
    ...validateSeccomp(seccompProfile, `${path}.seccompProfile`),
  ];
}

function validateSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  if (type !== 'Localhost') {
    return localhostProfile ? [invalid(`${path}.localhostProfile`, profile, 'can only be set when seccomp type is Localhost')] : [];
  }
  return localhostProfile ? [] : [required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost')];
}

export function validatePodSecurity(spec: PodSpec): FieldError[] {
  const { securityContext = {} } = spec;
  const path = 'spec.securityContext';
  return [
    ...validateIdentity(securityContext, path),
    ...checkRange(`${path}.fsGroup`, securityContext.fsGroup, 0, MAX_ID),
    ...eachOf(securityContext.supplementalGroups, `${path}.supplementalGroups`, (group, at) => checkRange(at, group, 0, MAX_ID)),
    ...eachOf(securityContext.sysctls, `${path}.sysctls`, ({ name }, at) => validateSysctl(name, `${at}.name`)),
    ...duplicates(securityContext.sysctls, ({ name }) => name, ({ name }, index) => duplicate(`${path}.sysctls[${index}].name`, name)),
    ...(spec.hostPID && spec.shareProcessNamespace
      ? [invalid('spec.shareProcessNamespace', true, 'ShareProcessNamespace and HostPID cannot both be enabled')]
      : []),
  ];
}

const sysctl = '([a-z0-9][-_a-z0-9]*[./])*[a-z0-9][-_a-z0-9]*';
const matchesSysctl = /^[a-z0-9][-_a-z0-9]*(?:[./][a-z0-9][-_a-z0-9]*)*$/;

function validateSysctl(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  if (name.length <= 253 && matchesSysctl.test(name)) return [];
  return [invalid(path, name, `must have at most 253 characters and match regex ^${sysctl}$`)];
}
