import type { PodSandboxConfig } from '@podling/cri';
import type { Pod } from '@podling/shared/api';
import { namespaceOf, uidOf } from '@podling/shared/api';

export type DnsConfig = NonNullable<PodSandboxConfig['dns']>;

export interface DnsContext {
  clusterDns: readonly string[];
  clusterDomain: string;
  /** Text of the node's own resolv.conf; undefined where the kubelet is told to use none. */
  hostResolvConf: () => string | undefined;
}

/** Why a pod got other resolver settings than it asked for; told in an Event. */
export interface DnsProblem {
  reason: 'DNSConfigForming' | 'MissingClusterDNS';
  message: string;
}

const maxServers = 3;
const maxSearches = 32;
const maxSearchCharacters = 2048;
/** Older resolvers abort on a longer one. */
const maxSearchLength = 253;

/** Builds the pod's resolver settings from dnsPolicy and dnsConfig. Upstream twin: kubelet `dns.Configurer`. */
export function podDns(pod: Pod, context: DnsContext): DnsConfig {
  const { servers, searches, options } = wantedDns(pod, context);
  return { servers: servers.slice(0, maxServers), searches: fittingSearches(searches), options };
}

/** What does not fit of what the pod asks for. */
export function dnsProblems(pod: Pod, context: DnsContext): DnsProblem[] {
  const wanted = wantedDns(pod, context);
  const { servers, searches } = podDns(pod, context);
  return [
    ...(wantsCluster(pod) && context.clusterDns.length === 0 ? [missingClusterDns(pod)] : []),
    ...(servers.length < wanted.servers.length ? [forming('Nameserver', 'nameservers', 'nameserver', servers)] : []),
    ...(searches.length < wanted.searches.length ? [forming('Search Line', 'search paths', 'search', searches)] : []),
  ];
}

export function parseResolvConf(text: string): DnsConfig {
  const dns: DnsConfig = { servers: [], searches: [], options: [] };
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && values[0] !== undefined) dns.servers.push(values[0]);
    if (keyword === 'search') dns.searches = values.filter((value) => value !== '.').map((value) => value.replace(/\.$/, ''));
    if (keyword === 'options') dns.options = mergeOptions([...dns.options, ...values]);
  }
  return dns;
}

function wantedDns(pod: Pod, context: DnsContext): DnsConfig {
  const base = baseOf(pod, context);
  const extra = pod.spec.dnsConfig;
  if (!extra) return base;
  const options = (extra.options ?? []).map(({ name = '', value = '' }) => (value === '' ? name : `${name}:${value}`));
  return {
    servers: unique([...base.servers, ...(extra.nameservers ?? [])]),
    searches: unique([...base.searches, ...(extra.searches ?? [])]),
    options: mergeOptions([...base.options, ...options]),
  };
}

function baseOf(pod: Pod, { clusterDns, clusterDomain, hostResolvConf }: DnsContext): DnsConfig {
  if (pod.spec.dnsPolicy === 'None') return { servers: [], searches: [], options: [] };
  const text = hostResolvConf();
  if (!wantsCluster(pod) || clusterDns.length === 0) return text === undefined ? noLookups : parseResolvConf(text);
  const own = clusterDomain === '' ? [] : [`${namespaceOf(pod)}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return { servers: [...clusterDns], searches: unique([...own, ...parseResolvConf(text ?? '').searches]), options: ['ndots:5'] };
}

/** Without a server a resolver asks its own machine, where none is. */
const noLookups: DnsConfig = { servers: ['127.0.0.1'], searches: ['.'], options: [] };

function wantsCluster(pod: Pod): boolean {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  return policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && pod.spec.hostNetwork !== true);
}

function fittingSearches(wanted: readonly string[]): string[] {
  const searches = wanted.slice(0, maxSearches).filter((search) => search.length <= maxSearchLength);
  while (searches.join(' ').length > maxSearchCharacters) searches.pop();
  return searches;
}

function forming(line: string, left: string, keyword: string, applied: readonly string[]): DnsProblem {
  return {
    reason: 'DNSConfigForming',
    message: `${line} limits were exceeded, some ${left} have been omitted, the applied ${keyword} line is: ${applied.join(' ')}`,
  };
}

function missingClusterDns(pod: Pod): DnsProblem {
  const shown = `${pod.metadata.name}_${namespaceOf(pod)}(${uidOf(pod)})`;
  const message = `pod: "${shown}". kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.`;
  return { reason: 'MissingClusterDNS', message };
}

/** The last of each name counts, in the place of the first. */
function mergeOptions(options: readonly string[]): string[] {
  return [...new Map(options.map((option) => [option.split(':')[0], option])).values()];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
