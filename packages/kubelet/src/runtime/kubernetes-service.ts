import { BlockList, isIP } from 'node:net';
import type { ServiceAddress } from './service-variables.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Where pods reach the apiserver while no Service is routed: the address of the kubelet's own server, by its URL.
 * Undefined when that is no IP address or one that only this machine's own processes reach.
 */
export function kubernetesService(server: string): ServiceAddress | undefined {
  const { hostname, port, protocol } = new URL(server);
  const clusterIP = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(clusterIP);
  if (family === 0 || loopback.check(clusterIP, family === 6 ? 'ipv6' : 'ipv4')) return undefined;
  const defaultPort = protocol === 'http:' ? 80 : 443;
  return { name: 'kubernetes', clusterIP, ports: [{ name: 'https', port: port === '' ? defaultPort : Number(port), protocol: 'TCP' }] };
}
