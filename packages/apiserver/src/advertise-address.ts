import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';
import { isLoopback } from './config.ts';
import type { ApiServerConfig } from './config.ts';

/** What a machine knows of its networks. */
export interface Networks {
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>;
  /** As in /proc/net/route. */
  routes: string;
}

/** The name of the interface that the default route goes through. */
function defaultInterface(routes: string): string | undefined {
  const lines = routes.split('\n').slice(1).map((line) => line.split('\t'));
  return lines.find(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')?.[0];
}

function ownNetworks(): Networks {
  try {
    return { interfaces: networkInterfaces(), routes: readFileSync('/proc/net/route', 'utf8') };
  } catch {
    return { interfaces: networkInterfaces(), routes: '' };
  }
}

function ownAddress({ interfaces, routes }: Networks): string | undefined {
  const through = interfaces[defaultInterface(routes) ?? ''] ?? [];
  const all = [...through, ...Object.values(interfaces).flatMap((list) => list ?? [])].filter(({ internal, scopeid }) => !internal && !scopeid);
  return (all.find(({ family }) => family === 'IPv4') ?? all[0])?.address;
}

/**
 * Where the rest of the cluster finds this apiserver: the address told, else the first that it is bound to, else (for
 * all addresses, and for loopback) that of the interface with the default route. Undefined for one that serves nobody
 * but this machine, or where there is no address.
 */
export function advertiseAddressOf({ advertiseAddress, serving }: Pick<ApiServerConfig, 'advertiseAddress' | 'serving'>, networks: () => Networks = ownNetworks): string | undefined {
  if (advertiseAddress !== undefined || !serving) return advertiseAddress;
  const [bound = ''] = serving.bindAddresses;
  const isOwn = isIP(bound) !== 0 && bound !== '0.0.0.0' && bound !== '::' && !isLoopback(bound);
  return isOwn ? bound : ownAddress(networks());
}
