import { createHash } from 'node:crypto';
import type { ServedResource } from '../endpoint.ts';

/** Changes when the objects of a resource are stored in another group, version or kind. As Kubernetes computes it. */
export function storageVersionHash({ group, version, kind }: { group: string; version: string; kind: string }): string {
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64');
}

/** By resource: where two groups serve the same objects, they are stored as the first one has them. */
export function storageVersionHashes(served: readonly ServedResource[]): ReadonlyMap<string, string> {
  const stored = served.filter(({ endpoint, info, handlers }) => endpoint?.info === info && Object.hasOwn(handlers, 'get'));
  return new Map(stored.toReversed().map(({ info }) => [info.resource, storageVersionHash(info)]));
}
