import type { KubeObject } from '@podling/shared/api';
import { StorageError } from './errors.ts';

/** The bytes a store keeps: JSON without `metadata.resourceVersion`. Fails with `InvalidObject`. */
export function encodeForStore(key: string, object: KubeObject): Buffer {
  const { resourceVersion: _revision, ...metadata } = object.metadata;
  try {
    return Buffer.from(JSON.stringify({ ...object, metadata }));
  } catch (cause) {
    throw new StorageError('InvalidObject', 'object cannot be encoded as JSON', { key, cause });
  }
}

/** A fresh object from a store's bytes, with `revision` as its resourceVersion. Fails with `InvalidObject`. */
export function decodeFromStore<T extends KubeObject>(key: string, bytes: Buffer, revision: string): T {
  try {
    const object = JSON.parse(bytes.toString('utf8')) as T;
    object.metadata.resourceVersion = revision;
    return object;
  } catch (cause) {
    throw new StorageError('InvalidObject', 'stored bytes are not an object', { key, cause });
  }
}

/** A shallow copy of `object` with `revision` as its resourceVersion. */
export function withRevision<T extends KubeObject>(object: T, revision: string): T {
  return { ...object, metadata: { ...object.metadata, resourceVersion: revision } };
}
