import { createHash } from 'node:crypto';

export const defaultClusterName = 'podling';

/** Raised for a cluster name that cannot be used. */
export class InvalidClusterNameError extends Error {
  override name = 'InvalidClusterNameError';
}

/** Checks a cluster's name: a DNS label of at most 32 characters, since socket paths may not pass 107. */
export function checkClusterName(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) return name;
  throw new InvalidClusterNameError(`cluster name "${name}": use lower-case letters, digits and "-", at most 32 characters`);
}

/** A number below `limit` that depends on the name alone. */
export function nameNumber(name: string, limit: number): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) % limit;
}

const shortHash = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 8);

/** The bridge of a cluster; interface names have at most 15 characters. */
export function bridgeName(cluster: string): string {
  return cluster.length <= 12 ? `br-${cluster}` : `br-${shortHash(cluster)}`;
}

/** The root-namespace end of a node's cable. */
export function vethName(cluster: string, nodeIndex: number): string {
  return `v${shortHash(cluster)}n${nodeIndex}`;
}

export const nodeName = (nodeIndex: number): string => `node-${nodeIndex}`;
export const networkNamespace = (cluster: string, node: string): string => `${cluster}-${node}`;
export const cgroupRoot = (cluster: string): string => `/podling-${cluster}`;
