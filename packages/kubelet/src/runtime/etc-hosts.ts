import type { Pod } from '@podling/shared/api';
import { namespaceOf } from '@podling/shared/api';

const header = '# Kubernetes-managed hosts file.\n';
const localhostLines = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
];

/** A DNS label of at most 63 characters, from `spec.hostname` or the pod's name. */
export function podHostname(pod: Pod): string {
  const name = pod.spec.hostname ?? '';
  return (name === '' ? pod.metadata.name : name).slice(0, 63).replace(/[-.]+$/, '');
}

/** Text of the pod's /etc/hosts: localhost, the pod's own names, then hostAliases. */
export function etcHosts(pod: Pod, podIPs: readonly string[], clusterDomain: string): string {
  const hostname = podHostname(pod);
  const subdomain = pod.spec.subdomain ?? '';
  const fqdn = subdomain === '' ? '' : `${hostname}.${subdomain}.${namespaceOf(pod)}.svc.${clusterDomain}\t`;
  const own = podIPs.map((ip) => `${ip}\t${fqdn}${hostname}`);
  const aliases = (pod.spec.hostAliases ?? []).map(({ ip, hostnames }) => [ip, ...(hostnames ?? [])].join('\t'));
  const extra = aliases.length === 0 ? '' : `\n# Entries added by HostAliases.\n${aliases.join('\n')}\n`;
  return `${header}${[...localhostLines, ...own].join('\n')}\n${extra}`;
}
