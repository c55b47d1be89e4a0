import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** Whom a node asks for names outside of the cluster. */
export interface Resolvers {
  /** The file that its kubelet reads. */
  resolvConf: string;
  nameservers: string[];
}

const machineFile = '/etc/resolv.conf';
/** Where systemd-resolved keeps the resolvers behind its own, which listens on a loopback address that no pod reaches. */
const resolvedFile = '/run/systemd/resolve/resolv.conf';

/** A cluster that was made before it had a DNS server, until its next `up`. */
export const noResolvers: Resolvers = { resolvConf: machineFile, nameservers: [] };

/** Reads the given file, else the machine's, as kubeadm chooses it: the one behind systemd-resolved where that is at work. */
export function readResolvers(given?: string, read: (path: string) => string = readOrEmpty): Resolvers {
  if (given !== undefined) return { resolvConf: given, nameservers: nameservers(read(given)) };
  const own = nameservers(read(machineFile));
  const behind = own.length > 0 && own.every(isLoopback) ? nameservers(read(resolvedFile)) : [];
  return behind.length > 0 ? { resolvConf: resolvedFile, nameservers: behind } : { resolvConf: machineFile, nameservers: own };
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

function nameservers(resolvConf: string): string[] {
  const words = resolvConf.split('\n').map((line) => line.trim().split(/\s+/));
  const servers = words.flatMap(([keyword, address = '']) => (keyword === 'nameserver' && isIP(address) !== 0 ? [address] : []));
  return [...new Set(servers)];
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
