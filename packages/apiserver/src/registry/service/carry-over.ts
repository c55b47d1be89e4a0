import type { ServiceSpec } from '@podling/shared/api';
import { needsClusterIP, needsHealthCheck, usesNodePorts } from '@podling/shared/scheme';
import { sameSpec } from '../generic/same-object.ts';

/** All of these change `next` in place and take from `old` what the writer has not named or what no longer applies. */

const used = ({ ports = [] }: ServiceSpec): Set<number> => new Set(ports.flatMap(({ nodePort }) => nodePort || []));

/** A writer who sends what he once created need not know what was allocated for him. */
export function keepAllocated(next: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIP(old) && needsClusterIP(next)) {
    if (!next.clusterIP && old.clusterIP) next.clusterIP = old.clusterIP;
    if ((next.clusterIPs ?? []).length === 0 && old.clusterIPs) next.clusterIPs = [...old.clusterIPs];
  }
  if (usesNodePorts(old) && usesNodePorts(next)) keepNodePorts(next, old);
  if (needsHealthCheck(old) && needsHealthCheck(next) && !next.healthCheckNodePort && old.healthCheckNodePort) {
    next.healthCheckNodePort = old.healthCheckNodePort;
  }
}

function keepNodePorts(next: ServiceSpec, old: ServiceSpec): void {
  const [before, now] = [used(old), used(next)];
  const byName = new Map((old.ports ?? []).map(({ name = '', nodePort }) => [name, nodePort]));
  for (const port of next.ports ?? []) {
    const known = byName.get(port.name ?? '');
    if (!port.nodePort && known && !(before.has(known) && now.has(known))) port.nodePort = known;
  }
}

const same = (a: unknown, b: unknown): boolean => sameSpec(a, b);
const sameIPs = (next: ServiceSpec, old: ServiceSpec): boolean => same(next.clusterIPs, old.clusterIPs);

/** `clusterIP` is the first of `clusterIPs`; who names only one of the two means both. */
export function alignClusterIPs(next: ServiceSpec, old?: ServiceSpec): void {
  if (!old) {
    if (next.clusterIP && (next.clusterIPs ?? []).length === 0) next.clusterIPs = [next.clusterIP];
    return;
  }
  const isSame = next.clusterIP === old.clusterIP;
  if (isSame && (next.clusterIPs ?? []).length === 0 && old.clusterIPs) next.clusterIPs = [...old.clusterIPs];
  if (isSame || !sameIPs(next, old)) return;
  if (next.clusterIP) next.clusterIPs = [next.clusterIP];
  else delete next.clusterIPs;
}

/** Drops what a change of type leaves without meaning, unless the writer has changed that as well. */
export function dropForType(next: ServiceSpec, old: ServiceSpec): void {
  const drop = (...fields: (keyof ServiceSpec)[]): void => fields.filter((field) => same(next[field], old[field])).forEach((field) => delete next[field]);
  if (needsClusterIP(old) && !needsClusterIP(next)) {
    if (sameIPs(next, old) && next.clusterIP === old.clusterIP) drop('clusterIP', 'clusterIPs');
    drop('ipFamilies', 'ipFamilyPolicy');
  }
  if (usesNodePorts(old) && !usesNodePorts(next) && [...used(next)].every((port) => used(old).has(port))) {
    next.ports?.forEach((port) => delete port.nodePort);
  }
  if (needsHealthCheck(old) && !needsHealthCheck(next)) drop('healthCheckNodePort');
  if (old.type === 'LoadBalancer' && next.type !== 'LoadBalancer') drop('allocateLoadBalancerNodePorts', 'loadBalancerClass');
  const isExternal = (spec: ServiceSpec): boolean => usesNodePorts(spec) || (spec.externalIPs ?? []).length > 0;
  if (isExternal(old) && !isExternal(next)) drop('externalTrafficPolicy');
}
