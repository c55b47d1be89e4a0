import { readFile } from 'node:fs/promises';
import type { Pod } from '@podling/shared/api';
import { namespaceOf } from '@podling/shared/api';

const header = '# Kubernetes-managed hosts file.\n';
const headerWithHostNetwork = '# Kubernetes-managed hosts file (host network).\n';
const localhostLines = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];
const maxHostname = 63;

/** At most 63 characters, from `spec.hostnameOverride`, `spec.hostname` or the pod's name. */
export function podHostname({ spec, metadata }: Pod): string {
  const name = [spec.hostnameOverride, spec.hostname].find((text) => text !== undefined && text !== '') ?? metadata.name;
  return name.length <= maxHostname ? name : name.slice(0, maxHostname).replace(/[-.]+$/, '');
}

/** `SUBDOMAIN.NAMESPACE.svc.DOMAIN`; '' without a subdomain, or where the hostname stands for itself. */
export function podDomain(pod: Pod, clusterDomain: string): string {
  const { subdomain = '', hostnameOverride } = pod.spec;
  return subdomain === '' || hostnameOverride !== undefined ? '' : `${subdomain}.${namespaceOf(pod)}.svc.${clusterDomain}`;
}

/** Text of the pod's /etc/hosts: localhost and the pod's own names, or what the node has for a pod on its network; then hostAliases. */
export async function etcHosts(pod: Pod, podIPs: readonly string[], clusterDomain: string, nodeHosts = '/etc/hosts'): Promise<string> {
  const own = pod.spec.hostNetwork === true ? `${headerWithHostNetwork}${await readFile(nodeHosts, 'utf8')}` : managedHosts(pod, podIPs, clusterDomain);
  return `${own}${aliasLines(pod)}`;
}

function managedHosts(pod: Pod, podIPs: readonly string[], clusterDomain: string): string {
  const hostname = podHostname(pod);
  const domain = podDomain(pod, clusterDomain);
  const names = domain === '' ? hostname : `${hostname}.${domain}\t${hostname}`;
  return `${header}${[...localhostLines, ...podIPs.map((ip) => `${ip}\t${names}`)].join('\n')}\n`;
}

function aliasLines({ spec: { hostAliases = [] } }: Pod): string {
  if (hostAliases.length === 0) return '';
  const lines = hostAliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}
