import type { FieldError } from '../errors.ts';
import { isDNS1123Subdomain, isDNS1123SubdomainWithUnderscore } from '../names.ts';
import type { PodSpec } from '../pod.ts';
import { check, eachOf, forbidden, invalid, required, tooLong } from './field-errors.ts';
import { checkIp } from './ip.ts';

const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;
const MAX_HOSTNAME = 64;

export function validateDns({ dnsPolicy, dnsConfig }: PodSpec, path: string): FieldError[] {
  const { nameservers = [], searches = [], options } = dnsConfig ?? {};
  if (dnsPolicy === 'None' && !dnsConfig) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  const refuseSearches = (detail: string) => invalid(`${path}.searches`, searches, detail);
  const isLong = Buffer.byteLength(searches.join(' ')) > MAX_SEARCH_CHARACTERS;
  return [
    ...(nameservers.length > MAX_NAMESERVERS ? [invalid(`${path}.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`)] : []),
    ...eachOf(nameservers, `${path}.nameservers`, (ip, at) => checkIp(at, ip)),
    ...(searches.length > MAX_SEARCHES ? [refuseSearches(`must not have more than ${MAX_SEARCHES} search paths`)] : []),
    ...(isLong ? [refuseSearches(`must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`)] : []),
    ...eachOf(searches, `${path}.searches`, (search, at) => (search === '.' ? [] : check(at, search.replace(/\.$/, ''), isDNS1123SubdomainWithUnderscore))),
    ...eachOf(options, `${path}.options`, ({ name }, at) => (name ? [] : [required(at, 'must not be empty')])),
  ];
}

/** On the host's network a container's port is the host's. */
export function validateHostNetworkPorts({ containers, hostNetwork }: PodSpec, isPod: boolean, path: string): FieldError[] {
  if (!hostNetwork) return [];
  return eachOf(containers, `${path}.containers`, ({ ports }, container) => eachOf(ports, `${container}.ports`, ({ hostPort = 0, containerPort }, at) => {
    if (hostPort === containerPort || (!isPod && hostPort === 0)) return [];
    return [invalid(`${at}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')];
  }));
}

export function validateHostnameOverride({ hostnameOverride, setHostnameAsFQDN, hostNetwork }: PodSpec, path: string): FieldError[] {
  if (hostnameOverride === undefined) return [];
  return [
    ...(setHostnameAsFQDN ? [forbidden(path, 'may not be specified when setHostnameAsFQDN is true')] : []),
    ...(hostNetwork ? [forbidden(path, 'may not be specified when hostNetwork is true')] : []),
    ...(hostnameOverride.length > MAX_HOSTNAME ? [tooLong(path, MAX_HOSTNAME)] : []),
    ...check(path, hostnameOverride, isDNS1123Subdomain),
  ];
}

export function validateHostAliases(aliases: PodSpec['hostAliases'], path: string): FieldError[] {
  return eachOf(aliases, path, ({ ip, hostnames }, at) => [
    ...checkIp(`${at}.ip`, ip),
    ...eachOf(hostnames, `${at}.hostnames`, (name, namePath) => check(namePath, name, isDNS1123Subdomain)),
  ]);
}
