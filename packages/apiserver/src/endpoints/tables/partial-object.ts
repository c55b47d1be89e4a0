import type { KubeObject } from '@podling/shared/api';

/** The object without all but its metadata. */
export function partialOf({ metadata }: KubeObject): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}
