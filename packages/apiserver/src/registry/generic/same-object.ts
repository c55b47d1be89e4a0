import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ManagedFieldsEntry } from '@podling/shared/api';

/** Equal but for the resourceVersion and the times of managed fields: writing `a` over `b` would change nothing. */
export function sameObject<T extends KubeObject>(a: T, b: T): boolean {
  return isDeepStrictEqual(bare(a), bare(b));
}

function bare(object: KubeObject): unknown {
  const { resourceVersion: _, managedFields, ...metadata } = object.metadata;
  return { ...object, metadata, managedFields: managedFields?.map(timeless) };
}

const timeless = (entry: ManagedFieldsEntry): unknown => ({ ...entry, time: undefined });

export function sameSpec(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}
