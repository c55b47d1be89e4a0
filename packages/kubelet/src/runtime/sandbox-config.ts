import type { PodSandboxConfig, PortMapping, SandboxNamespaces } from '@podling/cri';
import { namespaceOf, uidOf, type Pod } from '@podling/shared/api';
import { podDns, type DnsContext } from './dns.ts';
import { podDomain, podHostname } from './etc-hosts.ts';
import { podLabels } from './labels.ts';
import { normalSysctl } from './sysctl-name.ts';

export interface SandboxContext {
  cgroupParent: string;
  logDirectory: string;
  dns: DnsContext;
}

/** What the kernel has room for as the domain of a host. */
const maxDomainBytes = 64;

export function sandboxConfig(pod: Pod, attempt: number, { cgroupParent, logDirectory, dns }: SandboxContext): PodSandboxConfig {
  const domainname = podDomain(pod, dns.clusterDomain);
  const sysctls = (pod.spec.securityContext?.sysctls ?? []).map(({ name, value }) => [normalSysctl(name), value]);
  return {
    metadata: { name: pod.metadata.name, namespace: namespaceOf(pod), uid: uidOf(pod), attempt },
    hostname: kernelHostname(pod, dns.clusterDomain),
    ...(domainname === '' || domainname.length > maxDomainBytes ? {} : { domainname }),
    namespaces: namespaces(pod),
    ...(sysctls.length === 0 ? {} : { sysctls: Object.fromEntries(sysctls) as Record<string, string> }),
    logDirectory,
    dns: podDns(pod, dns),
    portMappings: pod.spec.hostNetwork ? [] : pod.spec.containers.flatMap(({ ports = [] }) => ports.flatMap(portMapping)),
    labels: podLabels(pod),
    annotations: {},
    cgroupParent,
    ...(hasPrivileged(pod) ? { privileged: true } : {}),
  };
}

function hasPrivileged({ spec: { initContainers = [], containers, ephemeralContainers = [] } }: Pod): boolean {
  return [...initContainers, ...containers, ...ephemeralContainers].some(({ securityContext }) => securityContext?.privileged);
}

/** The hostname, with its domain where the pod asks for that. */
function kernelHostname(pod: Pod, clusterDomain: string): string {
  const domain = pod.spec.setHostnameAsFQDN ? podDomain(pod, clusterDomain) : '';
  return domain === '' ? podHostname(pod) : `${podHostname(pod)}.${domain}`;
}

function namespaces({ spec }: Pod): SandboxNamespaces {
  const of = (isNodes: boolean | undefined): 'POD' | 'NODE' => (isNodes ? 'NODE' : 'POD');
  return { network: of(spec.hostNetwork), ipc: of(spec.hostIPC), pid: of(spec.hostPID) };
}

type Port = NonNullable<Pod['spec']['containers'][number]['ports']>[number];

/** Only host ports need anything done; a container port is information. */
function portMapping({ containerPort, hostPort = 0, hostIP = '', protocol = 'TCP' }: Port): PortMapping[] {
  return hostPort === 0 ? [] : [{ protocol, containerPort, hostPort, hostIp: hostIP }];
}
