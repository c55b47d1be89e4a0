import { hostname } from 'node:os';
import type { PodSandboxConfig, PodSandboxFilter, SandboxNamespaces, SecurityProfile } from '../cri.ts';
import type * as wire from '../v1/index.ts';
import { invalid, oneOf, required } from './invalid-field.ts';

/** Of the request RunPodSandbox, or of CreateContainer's `sandbox_config`. Fails with `InvalidArgument` and the field's path. */
export function podSandboxConfig(message: wire.PodSandboxConfig | null, path: string): PodSandboxConfig {
  const config = required(message, path);
  const { labels, annotations, logDirectory, linux, dnsConfig } = config;
  const security = linux?.securityContext ?? null;
  const seccomp = securityProfile(security?.seccomp ?? null, `${path}.linux.security_context.seccomp`);
  return {
    metadata: sandboxMetadata(config.metadata, `${path}.metadata`),
    hostname: config.hostname || hostname(),
    namespaces: namespaces(security?.namespaceOptions ?? null, `${path}.linux.security_context.namespace_options`),
    sysctls: linux?.sysctls ?? {},
    ...(seccomp === undefined ? {} : { seccomp }),
    logDirectory,
    ...(dnsConfig === null ? {} : { dns: { servers: dnsConfig.servers, searches: dnsConfig.searches, options: dnsConfig.options } }),
    portMappings: config.portMappings.filter(({ hostPort }) => hostPort > 0).map((mapping, index) => portMapping(mapping, `${path}.port_mappings[${index}]`)),
    labels, annotations,
    cgroupParent: linux?.cgroupParent ?? '',
    privileged: security?.privileged ?? false,
  };
}

export function sandboxFilter(filter: wire.PodSandboxFilter | null): PodSandboxFilter {
  if (filter === null) return {};
  return {
    ...(filter.id === '' ? {} : { id: filter.id }),
    ...(filter.state === null ? {} : { state: oneOf(filter.state.state, ['SANDBOX_READY', 'SANDBOX_NOTREADY'], 'filter.state.state') }),
    labelSelector: filter.labelSelector,
  };
}

/** Undefined: nothing was said. The older form of the runtime's default comes as an empty message. */
export function securityProfile(profile: wire.SecurityProfile | null, path: string): SecurityProfile | undefined {
  if (profile === null) return undefined;
  const type = oneOf(profile.profileType, ['RuntimeDefault', 'Unconfined', 'Localhost'], `${path}.profile_type`);
  return type === 'Localhost' ? { type, localhostRef: required(profile.localhostRef, `${path}.localhost_ref`) } : { type };
}

function sandboxMetadata(metadata: wire.PodSandboxMetadata | null, path: string): PodSandboxConfig['metadata'] {
  const { name, uid, namespace, attempt } = required(metadata, path);
  return { name: required(name, `${path}.name`), uid: required(uid, `${path}.uid`), namespace: required(namespace, `${path}.namespace`), attempt };
}

function namespaces(options: wire.NamespaceOption | null, path: string): SandboxNamespaces {
  if (options === null) return {};
  if (options.usernsOptions !== null && options.usernsOptions.mode !== 'NODE') throw invalid(`${path}.userns_options.mode`, 'user namespaces are not supported');
  const mode = (value: wire.NamespaceMode, name: string): 'POD' | 'NODE' => oneOf(value, ['POD', 'NODE'], `${path}.${name}`);
  const pid = oneOf(options.pid, ['POD', 'CONTAINER', 'NODE'], `${path}.pid`);
  return { network: mode(options.network, 'network'), ipc: mode(options.ipc, 'ipc'), ...(pid === 'CONTAINER' ? {} : { pid }) };
}

function portMapping({ protocol, containerPort, hostPort, hostIp }: wire.PortMapping, path: string): PodSandboxConfig['portMappings'][number] {
  for (const [name, port] of [['container_port', containerPort], ['host_port', hostPort]] as const) {
    if (port < 1 || port > 65_535) throw invalid(`${path}.${name}`, `${port} is not a port`);
  }
  return { protocol: oneOf(protocol, ['TCP', 'UDP', 'SCTP'], `${path}.protocol`), containerPort, hostPort, hostIp };
}
