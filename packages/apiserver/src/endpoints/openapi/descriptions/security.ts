import type { ModelDescriptions } from '../descriptions.ts';

const common = {
  appArmorProfile: 'The AppArmor profile.',
  runAsGroup: 'Primary group of the first process; default that of the image.',
  runAsNonRoot: 'Whether to refuse to start as root.',
  runAsUser: 'User of the first process; default that of the image.',
  seLinuxOptions: 'The SELinux label; one is made up by default.',
  seccompProfile: 'The seccomp profile.',
  windowsOptions: 'Settings for Windows.',
};

/** Whom containers run as and what they may do. */
export const security: ModelDescriptions = {
  'core.v1.PodSecurityContext': {
    '': 'Security settings of a pod. Containers may have their own, which win.',
    ...common,
    fsGroup: 'Group of all containers that volumes are made to belong to.',
    fsGroupChangePolicy: 'When the owner of a volume is changed: Always (the default), or OnRootMismatch, only if its root is not right yet.',
    seLinuxChangePolicy: 'How volumes get their SELinux label: MountOption (the default where possible) or Recursive.',
    supplementalGroups: 'Further groups of the first process.',
    supplementalGroupsPolicy: 'Merge (the default) adds the groups of the image, Strict does not.',
    sysctls: 'Kernel parameters of the pod\'s namespaces.',
  },
  'core.v1.SecurityContext': {
    '': 'Security settings of a container. They win over those of the pod.',
    ...common,
    allowPrivilegeEscalation: 'Whether a process may gain more privileges than its parent. Always so if privileged.',
    capabilities: 'Capabilities to add and to drop.',
    privileged: 'Whether the container is as good as root on the node. Default false.',
    procMount: 'Default masks parts of /proc, Unmasked does not.',
    readOnlyRootFilesystem: 'Whether the root file system is read-only. Default false.',
  },
  'core.v1.Capabilities': { '': 'Changes to the capabilities that the runtime gives.', add: 'What to add.', drop: 'What to take away.' },
  'core.v1.SELinuxOptions': { '': 'An SELinux label.', level: 'Its level.', role: 'Its role.', type: 'Its type.', user: 'Its user.' },
  'core.v1.SeccompProfile': {
    '': 'Which system calls are allowed.',
    localhostProfile: 'File on the node, below the kubelet\'s folder for profiles. With the type Localhost only.',
    type: 'Localhost (a file on the node), RuntimeDefault or Unconfined.',
  },
  'core.v1.AppArmorProfile': {
    '': 'The AppArmor profile to run with.',
    localhostProfile: 'Name of a profile that the node has loaded. With the type Localhost only.',
    type: 'Localhost (one the node has loaded), RuntimeDefault or Unconfined.',
  },
  'core.v1.Sysctl': { '': 'A kernel parameter.', name: 'Its name.', value: 'Its value.' },
  'core.v1.WindowsSecurityContextOptions': {
    '': 'Security settings for Windows.',
    gmsaCredentialSpec: 'The credential spec of a group-managed service account.',
    gmsaCredentialSpecName: 'Name of the credential spec to use.',
    hostProcess: 'Whether containers run as processes of the node. The same for all of a pod.',
    runAsUserName: 'User of the first process.',
  },
};
