import { StorageError } from './errors.ts';

/** First segment of every key; a store may map it to another root of its own. */
export const registryRoot = '/registry';

/** `/registry/<resource>/[<namespace>/]<name>`. `namespace` is undefined or `''` for cluster-scoped resources. */
export function objectKey(resource: string, namespace: string | undefined, name: string): string {
  return resourcePrefix(resource, namespace) + segment(name);
}

/** The prefix of all objects of a resource, or of those in one namespace. Ends in `/`. */
export function resourcePrefix(resource: string, namespace?: string): string {
  const base = `${registryRoot}/${segment(resource)}/`;
  return namespace === undefined || namespace === '' ? base : `${base}${segment(namespace)}/`;
}

/** Gives `prefix` back. Fails with `InvalidObject` without a trailing slash, since it would match its longer siblings. */
export function checkedPrefix(prefix: string): string {
  if (!prefix.endsWith('/')) {
    throw new StorageError('InvalidObject', `prefix ${JSON.stringify(prefix)} does not end in "/"`);
  }
  return prefix;
}

/** The first key after all keys that begin with `prefix`. */
export function prefixEnd(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** The first key after `key`: where the page after it starts. */
export function keyAfter(key: string): string {
  return `${key}\0`;
}

/** Whether the text can be one part of a key. */
export function isKeySegment(text: string): boolean {
  return text !== '' && text !== '.' && text !== '..' && !/[/\0]/.test(text);
}

function segment(text: string): string {
  if (!isKeySegment(text)) {
    throw new StorageError('InvalidObject', `${JSON.stringify(text)} cannot be part of a key`);
  }
  return text;
}
