import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '@podling/shared/api';

/** Equal but for the resourceVersion: writing `a` over `b` would change nothing. */
export function sameObject<T extends KubeObject>(a: T, b: T): boolean {
  return isDeepStrictEqual(bare(a), bare(b));
}

function bare(object: KubeObject): unknown {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

export function sameSpec(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b);
}
