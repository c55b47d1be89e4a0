import { BlockList, isIPv4 } from 'node:net';
import { nameNumber } from './cluster-names.ts';

/** The two address ranges of a cluster: of its nodes (/24) and of its pods (/16). */
export interface Networks {
  node: string;
  pod: string;
}

/** Raised when every candidate overlaps with a network in use. */
export class NoFreeNetworkError extends Error {
  override name = 'NoFreeNetworkError';
}

const span = (count: number, network: (n: number) => string): string[] => Array.from({ length: count }, (_, n) => network(n));
const nodeCandidates = [span(256, (n) => `172.30.${n}.0/24`), span(256, (n) => `192.168.${n}.0/24`)];
const podCandidates = [span(256, (n) => `10.${n}.0.0/16`), span(64, (n) => `100.${n + 64}.0.0/16`)];

/** Chooses networks by the cluster's name, stepping over those that overlap with one in use (host routes, other clusters). */
export function chooseNetworks(cluster: string, inUse: string[]): Networks {
  const used = inUse.filter(isCidr);
  return { node: choose(cluster, nodeCandidates, used), pod: choose(cluster, podCandidates, used) };
}

function choose(cluster: string, candidates: string[][], used: string[]): string {
  for (const group of candidates) {
    const start = nameNumber(cluster, group.length);
    const found = [...group.slice(start), ...group.slice(0, start)].find((network) => !used.some((other) => overlap(network, other)));
    if (found) return found;
  }
  throw new NoFreeNetworkError(`no free network for cluster "${cluster}": all candidates overlap with a route of this machine`);
}

/** Says whether two IPv4 networks share an address. */
export function overlap(one: string, other: string): boolean {
  return contains(one, other) || contains(other, one);
}

function contains(outer: string, inner: string): boolean {
  const list = new BlockList();
  list.addSubnet(address(outer), prefix(outer), 'ipv4');
  return prefix(inner) >= prefix(outer) && list.check(address(inner), 'ipv4');
}

/** The nth address of a network, counted from its base address. */
export function nthAddress(network: string, n: number): string {
  const base = address(network).split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + n;
  return [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join('.');
}

const address = (network: string): string => network.split('/')[0] ?? '';
export const prefix = (network: string): number => Number(network.split('/')[1] ?? 32);

function isCidr(text: string): boolean {
  return isIPv4(address(text)) && prefix(text) > 0 && prefix(text) <= 32;
}
