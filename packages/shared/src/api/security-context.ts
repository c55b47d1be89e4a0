import type { Static } from 'typebox';
import { boolean, int64, keepEmpty, list, model, named, oneOf, string, unlisted } from './schema.ts';

export const CapabilitiesSchema = model('core.v1.Capabilities', {}, { add: list(string), drop: list(string) });
export interface Capabilities extends Static<typeof CapabilitiesSchema> {}

export const SELinuxOptionsSchema = model('core.v1.SELinuxOptions', {}, { user: string, role: string, type: string, level: string });
export interface SELinuxOptions extends Static<typeof SELinuxOptionsSchema> {}

export const WindowsSecurityContextOptionsSchema = model(
  'core.v1.WindowsSecurityContextOptions',
  {},
  { gmsaCredentialSpecName: keepEmpty(string), gmsaCredentialSpec: keepEmpty(string), runAsUserName: keepEmpty(string), hostProcess: keepEmpty(boolean) },
);
export interface WindowsSecurityContextOptions extends Static<typeof WindowsSecurityContextOptionsSchema> {}

/** `localhostProfile` goes with the type Localhost. */
const unions = [{ discriminator: 'type', 'fields-to-discriminateBy': { localhostProfile: 'LocalhostProfile' } }];
const profileType = oneOf('Unconfined', 'RuntimeDefault', 'Localhost');

export const SeccompProfileSchema = model('core.v1.SeccompProfile', { type: profileType }, { localhostProfile: keepEmpty(string) }, { unions });
export interface SeccompProfile extends Static<typeof SeccompProfileSchema> {}

export const AppArmorProfileSchema = model('core.v1.AppArmorProfile', { type: profileType }, { localhostProfile: keepEmpty(string) }, { unions });
export interface AppArmorProfile extends Static<typeof AppArmorProfileSchema> {}

export const SysctlSchema = model('core.v1.Sysctl', { name: string, value: string }, {});
export interface Sysctl extends Static<typeof SysctlSchema> {}

const common = {
  seLinuxOptions: named<SELinuxOptions>(SELinuxOptionsSchema),
  windowsOptions: named<WindowsSecurityContextOptions>(WindowsSecurityContextOptionsSchema),
  runAsUser: keepEmpty(int64),
  runAsGroup: keepEmpty(int64),
  runAsNonRoot: keepEmpty(boolean),
  seccompProfile: named<SeccompProfile>(SeccompProfileSchema),
  appArmorProfile: named<AppArmorProfile>(AppArmorProfileSchema),
};

export const SecurityContextSchema = model(
  'core.v1.SecurityContext',
  {},
  {
    ...common,
    capabilities: named<Capabilities>(CapabilitiesSchema),
    privileged: keepEmpty(boolean),
    readOnlyRootFilesystem: keepEmpty(boolean),
    allowPrivilegeEscalation: keepEmpty(boolean),
    procMount: keepEmpty(oneOf('Default', 'Unmasked')),
  },
);
export interface SecurityContext extends Static<typeof SecurityContextSchema> {}

export const PodSecurityContextSchema = model(
  'core.v1.PodSecurityContext',
  {},
  {
    ...common,
    supplementalGroups: list(int64),
    supplementalGroupsPolicy: keepEmpty(oneOf('Merge', 'Strict')),
    fsGroup: keepEmpty(int64),
    fsGroupChangePolicy: keepEmpty(oneOf('OnRootMismatch', 'Always')),
    seLinuxChangePolicy: keepEmpty(unlisted(oneOf('Recursive', 'MountOption'))),
    sysctls: list(named<Sysctl>(SysctlSchema)),
  },
);
export interface PodSecurityContext extends Static<typeof PodSecurityContextSchema> {}
