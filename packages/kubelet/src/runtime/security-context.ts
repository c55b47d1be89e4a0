import { join } from 'node:path';
import type { ContainerSecurityContext, SecurityProfile } from '@podling/cri';
import type { AppArmorProfile, Container, Pod, SeccompProfile } from '@podling/shared/api';
import { ContainerConfigError } from './environment.ts';

/** What of a container's security the node decides. */
export interface SecurityDefaults {
  /** The runtime's seccomp profile for containers that name none; else none. */
  seccompDefault: boolean;
  /** Folder of the node's own seccomp profiles. */
  seccompRoot: string;
}

/**
 * The container's own settings over the pod's; fails with `ContainerConfigError`.
 * Upstream twin: kuberuntime `determineEffectiveSecurityContext`.
 */
export function containerSecurityContext(pod: Pod, { securityContext: own = {} }: Container, defaults: SecurityDefaults): ContainerSecurityContext {
  const common = pod.spec.securityContext ?? {};
  const { fsGroup, supplementalGroups = [], supplementalGroupsPolicy } = common;
  const groups = fsGroup === undefined ? supplementalGroups : [fsGroup, ...supplementalGroups];
  const { privileged, readOnlyRootFilesystem, procMount, capabilities, allowPrivilegeEscalation } = own;
  const appArmor = own.appArmorProfile ?? common.appArmorProfile;
  return {
    ...given({
      privileged, procMount, supplementalGroupsPolicy,
      readonlyRootfs: readOnlyRootFilesystem,
      runAsUser: own.runAsUser ?? common.runAsUser,
      runAsGroup: own.runAsGroup ?? common.runAsGroup,
      supplementalGroups: groups.length === 0 ? undefined : groups,
      addCapabilities: capabilities?.add,
      dropCapabilities: capabilities?.drop,
      noNewPrivileges: allowPrivilegeEscalation === undefined ? undefined : !allowPrivilegeEscalation,
      appArmor: appArmor && appArmorProfile(appArmor),
    }),
    pid: { mode: pidMode(pod) },
    seccomp: seccompProfile(own.seccompProfile ?? common.seccompProfile, defaults),
  };
}

function pidMode({ spec }: Pod): 'POD' | 'CONTAINER' | 'NODE' {
  if (spec.hostPID) return 'NODE';
  return spec.shareProcessNamespace ? 'POD' : 'CONTAINER';
}

function seccompProfile(profile: SeccompProfile | undefined, { seccompDefault, seccompRoot }: SecurityDefaults): SecurityProfile {
  if (profile === undefined) return { type: seccompDefault ? 'RuntimeDefault' : 'Unconfined' };
  if (profile.type !== 'Localhost') return { type: profile.type };
  const name = profile.localhostProfile ?? '';
  if (name === '') throw new ContainerConfigError('localhostProfile must be set if seccompProfile type is Localhost.');
  const localhostRef = join(seccompRoot, name);
  if (!localhostRef.startsWith(join(seccompRoot, '/'))) throw new ContainerConfigError(`localhostProfile "${name}" must not contain '..'`);
  return { type: 'Localhost', localhostRef };
}

function appArmorProfile({ type, localhostProfile = '' }: AppArmorProfile): SecurityProfile {
  return type === 'Localhost' ? { type, localhostRef: localhostProfile } : { type };
}

/** Without what is not set. */
function given<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
