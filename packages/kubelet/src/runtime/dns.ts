import type { PodSandboxConfig } from '@podling/cri';
import type { Pod } from '@podling/shared/api';
import { namespaceOf } from '@podling/shared/api';

export type DnsConfig = NonNullable<PodSandboxConfig['dns']>;

export interface DnsContext {
  clusterDns: readonly string[];
  clusterDomain: string;
  /** Text of the node's /etc/resolv.conf. */
  hostResolvConf: string;
}

/** Builds the pod's resolver settings from dnsPolicy and dnsConfig. Upstream twin: kubelet `dns.Configurer`. */
export function podDns(pod: Pod, context: DnsContext): DnsConfig {
  const base = baseOf(pod, context);
  const extra = pod.spec.dnsConfig;
  return {
    servers: unique([...base.servers, ...(extra?.nameservers ?? [])]),
    searches: unique([...base.searches, ...(extra?.searches ?? [])]),
    options: mergeOptions(base.options, extra?.options ?? []),
  };
}

export function parseResolvConf(text: string): DnsConfig {
  const dns: DnsConfig = { servers: [], searches: [], options: [] };
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && values[0] !== undefined) dns.servers.push(values[0]);
    if (keyword === 'search') dns.searches = values;
    if (keyword === 'options') dns.options = values;
  }
  return dns;
}

function baseOf(pod: Pod, { clusterDns, clusterDomain, hostResolvConf }: DnsContext): DnsConfig {
  const host = parseResolvConf(hostResolvConf);
  if (pod.spec.dnsPolicy === 'None') return { servers: [], searches: [], options: [] };
  if (!wantsCluster(pod) || clusterDns.length === 0) return host;
  const searches = [`${namespaceOf(pod)}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return { servers: [...clusterDns], searches: unique([...searches, ...host.searches]), options: ['ndots:5'] };
}

function wantsCluster(pod: Pod): boolean {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  return policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && pod.spec.hostNetwork !== true);
}

function mergeOptions(base: readonly string[], extra: readonly { name?: string; value?: string }[]): string[] {
  const byName = new Map(base.map((option) => [option.split(':')[0] ?? option, option]));
  for (const { name = '', value } of extra) byName.set(name, value === undefined || value === '' ? name : `${name}:${value}`);
  return [...byName.values()];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
