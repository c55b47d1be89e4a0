import { CommandError } from '../errors.ts';

/** What the profiles change, before anything is sent. */
export interface DebugContainer {
  name: string;
  securityContext?: {
    capabilities?: { add?: string[]; drop?: string[] };
    [field: string]: unknown;
  };
  volumeMounts?: object[];
  [field: string]: unknown;
}

export interface DebugPod {
  metadata: { labels?: object; annotations?: object; [field: string]: unknown };
  spec: { containers: DebugContainer[]; shareProcessNamespace?: boolean; volumes?: object[]; [field: string]: unknown };
}

/** Debugging by a container in the pod itself, by one in a copy of it, or by a pod on a node. */
export type DebugStyle = 'ephemeral' | 'copy' | 'node';

interface Profile {
  container: (container: DebugContainer, style: DebugStyle) => void;
  node: (pod: DebugPod, container: DebugContainer) => void;
}

function addCapabilities(container: DebugContainer, ...names: string[]): void {
  const { capabilities = {}, ...rest } = container.securityContext ?? {};
  container.securityContext = { ...rest, capabilities: { ...capabilities, add: [...(capabilities.add ?? []), ...names] } };
}

function mountRoot(pod: DebugPod, container: DebugContainer): void {
  pod.spec.volumes = [...(pod.spec.volumes ?? []), { name: 'host-root', hostPath: { path: '/' } }];
  container.volumeMounts = [...(container.volumeMounts ?? []), { name: 'host-root', mountPath: '/host' }];
}

function useHostNamespaces(pod: DebugPod): void {
  Object.assign(pod.spec, { hostNetwork: true, hostPID: true, hostIPC: true });
}

const nothing = (): void => undefined;

const RESTRICTED = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

function lookAtHost(pod: DebugPod, container: DebugContainer): void {
  mountRoot(pod, container);
  useHostNamespaces(pod);
}

const profiles: Record<string, Profile> = {
  legacy: { container: nothing, node: lookAtHost },
  general: {
    container: (container, style) => (style === 'node' ? void delete container.securityContext : addCapabilities(container, 'SYS_PTRACE')),
    node: lookAtHost,
  },
  baseline: { container: (container) => void delete container.securityContext, node: nothing },
  restricted: { container: (container) => void (container.securityContext = structuredClone(RESTRICTED)), node: nothing },
  netadmin: { container: (container) => addCapabilities(container, 'NET_ADMIN', 'NET_RAW'), node: useHostNamespaces },
  sysadmin: {
    container: (container) => void (container.securityContext = { ...container.securityContext, privileged: true }),
    node: lookAtHost,
  },
};

export type ApplyProfile = (container: DebugContainer, style: DebugStyle, pod?: DebugPod) => void;

/** Changes the debugging container, of a node the pod as well. */
export function debugProfile(name: string): ApplyProfile {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile === undefined) throw new CommandError(`unknown profile: ${name}`);
  return (container, style, pod) => {
    profile.container(container, style);
    if (style === 'node' && pod !== undefined) profile.node(pod, container);
  };
}
