import type { PodSandbox, PodSandboxConfig, PodSandboxFilter, PodSandboxMetadata, PodSandboxStatus, SecurityProfile } from '../cri.ts';
import type * as wire from '../v1/index.ts';
import type { Sent } from '../v1/index.ts';
import { nonsense } from './call-errors.ts';
import { milliseconds } from './numbers.ts';
import { readInfo } from './verbose-info.ts';

export function sandboxConfigMessage(config: PodSandboxConfig, cgroupParent: string): Sent<wire.PodSandboxConfig> {
  const onNode = config.namespaces?.network === 'NODE';
  return {
    metadata: config.metadata,
    // A hostname goes with a namespace of its own.
    hostname: onNode ? '' : config.hostname,
    logDirectory: config.logDirectory,
    ...(config.dns === undefined ? {} : { dnsConfig: config.dns }),
    portMappings: onNode ? [] : config.portMappings,
    labels: config.labels,
    annotations: config.annotations,
    linux: {
      cgroupParent,
      sysctls: config.sysctls ?? {},
      securityContext: {
        namespaceOptions: sandboxNamespaces(config),
        privileged: config.privileged ?? false,
        seccomp: securityProfile(config.seccomp),
      },
    },
  };
}

/** CRI's own default of the pid namespace is the pod's; ours is one for each. */
export function sandboxNamespaces({ namespaces = {} }: PodSandboxConfig): Sent<wire.NamespaceOption> {
  return { network: namespaces.network ?? 'POD', ipc: namespaces.ipc ?? 'POD', pid: namespaces.pid ?? 'CONTAINER' };
}

export function securityProfile(profile: SecurityProfile = { type: 'RuntimeDefault' }): Sent<wire.SecurityProfile> {
  return { profileType: profile.type, localhostRef: profile.type === 'Localhost' ? profile.localhostRef : '' };
}

export function sandboxFilterMessage({ id = '', state, labelSelector = {} }: PodSandboxFilter): Sent<wire.PodSandboxFilter> {
  return { id, labelSelector, ...(state === undefined ? {} : { state: { state } }) };
}

export function podSandbox(message: wire.PodSandbox, call = 'ListPodSandbox'): PodSandbox {
  return {
    id: message.id === '' ? missing(call, 'a sandbox has no id') : message.id,
    metadata: sandboxMetadata(message.metadata) ?? missing(call, `sandbox ${message.id} has no metadata`),
    // Whatever else a runtime may call it: it is not ready.
    state: message.state === 'SANDBOX_READY' ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
    createdAtMs: milliseconds(message.createdAt),
    labels: message.labels,
    annotations: message.annotations,
  };
}

export function podSandboxStatus(message: wire.PodSandboxStatus | null, info: Record<string, string>, call = 'PodSandboxStatus'): PodSandboxStatus {
  if (message === null) return missing(call, 'it has no status');
  const sandbox = podSandbox(message, call);
  const ready = sandbox.state === 'SANDBOX_READY';
  const network = message.linux?.namespaces?.options?.network === 'NODE' ? 'NODE' : 'POD';
  const ip = ready && network === 'POD' ? (message.network?.ip ?? '') : '';
  return { ...sandbox, ip, network, pid: ready ? readInfo(info).pid : 0 };
}

export function sandboxMetadata(metadata: wire.PodSandboxMetadata | null): PodSandboxMetadata | undefined {
  if (metadata === null) return undefined;
  const { name, namespace, uid, attempt } = metadata;
  return { name, namespace, uid, attempt };
}

function missing(call: string, what: string): never {
  throw nonsense(call, what);
}
