import type { KubeObject } from '@podling/shared/api';
import { StorageError } from './errors.ts';
import { StoredObject } from './stored-object.ts';

/** The bytes a store keeps: JSON without `metadata.resourceVersion`. Fails with `InvalidObject`. */
export function encodeForStore(key: string, object: KubeObject): Buffer {
  const { kind, apiVersion, metadata, ...rest } = object;
  const { resourceVersion: _revision, ...others } = metadata;
  try {
    return Buffer.from(JSON.stringify({ kind, apiVersion, metadata: others, ...rest }));
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

const written = new WeakMap<object, { key: string; bytes: Buffer; revision: string }>();

/** What a write answers: a shallow copy of `object` with its `revision`, which remembers the `bytes` that were stored. */
export function writtenObject<T extends KubeObject>(object: T, { key, bytes, revision }: { key: string; bytes: Buffer; revision: string }): T {
  const result = { ...object, metadata: { ...object.metadata, resourceVersion: revision } };
  written.set(result, { key, bytes, revision });
  return result;
}

/** The JSON of an object that a write has answered, from the bytes that were stored; undefined for any other. */
export function writtenJson(object: KubeObject): Buffer | undefined {
  const known = written.get(object);
  return known && StoredObject.fromStore(known.key, known.bytes, known.revision).json;
}
