import type { PodSandboxConfig, PortMapping } from '@podling/cri';
import { namespaceOf, uidOf, type Pod } from '@podling/shared/api';
import { podDns, type DnsContext } from './dns.ts';
import { podHostname } from './etc-hosts.ts';
import { podLabels } from './labels.ts';
import { podCgroupPath, qosClassOf } from './resources.ts';

export interface SandboxContext {
  cgroupRoot: string;
  logDirectory: string;
  dns: DnsContext;
}

export function sandboxConfig(pod: Pod, attempt: number, { cgroupRoot, logDirectory, dns }: SandboxContext): PodSandboxConfig {
  return {
    metadata: { name: pod.metadata.name, namespace: namespaceOf(pod), uid: uidOf(pod), attempt },
    hostname: podHostname(pod),
    logDirectory,
    dns: podDns(pod, dns),
    portMappings: pod.spec.containers.flatMap(({ ports = [] }) => ports.flatMap(portMapping)),
    labels: podLabels(pod),
    annotations: {},
    cgroupParent: podCgroupPath(cgroupRoot, qosClassOf(pod), uidOf(pod)),
  };
}

type Port = NonNullable<Pod['spec']['containers'][number]['ports']>[number];

/** Only host ports need anything done; a container port is information. */
function portMapping({ containerPort, hostPort = 0, hostIP = '', protocol = 'TCP' }: Port): PortMapping[] {
  return hostPort === 0 ? [] : [{ protocol, containerPort, hostPort, hostIp: hostIP }];
}
