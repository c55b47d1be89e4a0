import type { KubeObject } from '@podling/shared/api';
import { StorageError } from './errors.ts';

/**
 * An object as a store keeps it: its JSON as it goes to clients, made once, and the object itself for whoever asks.
 * Both are shared: never modify them.
 *
 * Stored bytes begin with `kind`, `apiVersion` and `metadata` and have no `metadata.resourceVersion`; served bytes have
 * it as the first field of `metadata`. So one becomes the other, or that of another revision, by copying.
 */
export class StoredObject<T extends KubeObject = KubeObject> {
  readonly key: string;
  /** The object's `metadata.resourceVersion`. */
  readonly revision: string;
  /** JSON in UTF-8. */
  readonly json: Buffer;
  #object: T | undefined;

  constructor(key: string, revision: string, json: Buffer) {
    this.key = key;
    this.revision = revision;
    this.json = json;
  }

  /** From the bytes in the store. Fails with `InvalidObject` when they cannot be an object's. */
  static fromStore<T extends KubeObject>(key: string, bytes: Buffer, revision: string): StoredObject<T> {
    return new StoredObject<T>(key, revision, splice(key, bytes, revision));
  }

  /** Decoded at the first use. Fails with `InvalidObject`. */
  get object(): T {
    return (this.#object ??= parse<T>(this.key, this.json));
  }

  /** A copy of the caller's own. */
  copy(): T {
    return parse<T>(this.key, this.json);
  }

  /** Lets go of the decoded object; who asks for it again pays for it again. */
  forget(): void {
    this.#object = undefined;
  }

  /** The same state under another revision. */
  at(revision: string): StoredObject<T> {
    return new StoredObject<T>(this.key, revision, splice(this.key, this.json, revision));
  }
}

const head = /^\{"kind":"[^"\\]*","apiVersion":"[^"\\]*","metadata":\{("resourceVersion":"\d+",?)?/;
const longestHead = 320;
const field = Buffer.from('"resourceVersion"');
const closingBrace = 0x7d;

/** The bytes of an object's JSON with `revision` as its resourceVersion. */
function splice(key: string, bytes: Buffer, revision: string): Buffer {
  const match = head.exec(bytes.toString('latin1', 0, longestHead));
  if (match === null) return respell(key, bytes, revision);
  const [opening, previous = ''] = match;
  // Another field of that name may be the metadata's own, written by a stranger.
  if (previous === '' && bytes.includes(field, opening.length)) return respell(key, bytes, revision);
  const start = opening.length - previous.length;
  const text = `"resourceVersion":"${revision}"${bytes[opening.length] === closingBrace ? '' : ','}`;
  const result = Buffer.allocUnsafeSlow(bytes.length - previous.length + text.length);
  bytes.copy(result, 0, 0, start);
  result.write(text, start, 'latin1');
  bytes.copy(result, start + text.length, opening.length);
  return result;
}

/** The slow way: for bytes that somebody else has written in another order. */
function respell(key: string, bytes: Buffer, revision: string): Buffer {
  const { kind, apiVersion, metadata, ...rest } = parse(key, bytes);
  const { resourceVersion: _, ...others } = metadata;
  return Buffer.from(JSON.stringify({ kind, apiVersion, metadata: { resourceVersion: revision, ...others }, ...rest }));
}

function parse<T extends KubeObject>(key: string, bytes: Buffer): T {
  try {
    const object = JSON.parse(bytes.toString('utf8')) as T;
    if (typeof object.metadata === 'object') return object;
  } catch (cause) {
    throw new StorageError('InvalidObject', 'stored bytes are not JSON', { key, cause });
  }
  throw new StorageError('InvalidObject', 'stored bytes are not an object', { key });
}
