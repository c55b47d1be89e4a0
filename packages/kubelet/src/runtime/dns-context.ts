import { readFileSync } from 'node:fs';
import type { DnsContext } from './dns.ts';

interface DnsSettings {
  clusterDns: readonly string[];
  clusterDomain: string;
  /** The node's own resolv.conf, read anew for each pod; '' for none. */
  resolvConf: string;
}

export function createDnsContext({ clusterDns, clusterDomain, resolvConf }: DnsSettings): DnsContext {
  return { clusterDns, clusterDomain, hostResolvConf: () => (resolvConf === '' ? undefined : readIfThere(resolvConf)) };
}

/** A node without the file has no resolvers. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
