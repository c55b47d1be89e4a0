import { BlockList, isIPv4 } from 'node:net';
import { nameNumber } from './cluster-names.ts';

/** The address ranges of a cluster: of its nodes (/24), of its pods (/16), of its services (/16). */
export interface Networks {
  node: string;
  pod: string;
  service: string;
}

/** Raised when every candidate overlaps with a network in use. */
export class NoFreeNetworkError extends Error {
  override name = 'NoFreeNetworkError';
}

const span = (count: number, network: (n: number) => string): string[] => Array.from({ length: count }, (_, n) => network(n));
const nodeCandidates = [span(256, (n) => `172.30.${n}.0/24`), span(256, (n) => `192.168.${n}.0/24`)];
/** Routed only inside a cluster's nodes, so clusters may share it. Kubernetes' usual one first. */
const serviceCandidates = [span(16, (n) => `10.${n + 96}.0.0/16`), span(16, (n) => `100.${n + 112}.0.0/16`)];
const podCandidates = [span(256, (n) => `10.${n}.0.0/16`), span(64, (n) => `100.${n + 64}.0.0/16`)];

/** Chooses networks by the cluster's name, stepping over those that overlap with one in use (host routes, other clusters). */
export function chooseNetworks(cluster: string, inUse: string[]): Networks {
  const used = inUse.filter(isCidr);
  const service = chooseServiceNetwork(used);
  return { node: choose(cluster, nodeCandidates, used), pod: choose(cluster, podCandidates, [...used, service]), service };
}

/** The first range for services that is free. */
export function chooseServiceNetwork(inUse: string[]): string {
  return firstFree(serviceCandidates, inUse.filter(isCidr), 'services');
}

function choose(cluster: string, candidates: string[][], used: string[]): string {
  const startingAtName = candidates.map((group) => {
    const start = nameNumber(cluster, group.length);
    return [...group.slice(start), ...group.slice(0, start)];
  });
  return firstFree(startingAtName, used, `cluster "${cluster}"`);
}

function firstFree(candidates: string[][], used: string[], purpose: string): string {
  const found = candidates.flat().find((network) => !used.some((other) => overlap(network, other)));
  if (found) return found;
  throw new NoFreeNetworkError(`no free network for ${purpose}: all candidates overlap with a route of this machine`);
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
