import { namespaceOf, uidOf, type Pod } from '@podling/shared/api';

/**
 * What a fieldRef to the pod's metadata stands for; undefined for any other path. Maps are lines of `key="value"` in
 * the order of their keys. Upstream twin: fieldpath `ExtractFieldPathAsString`.
 */
export function metadataField(pod: Pod, path: string): string | undefined {
  const { labels = {}, annotations = {}, name } = pod.metadata;
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript) return ownValue(subscript[1] === 'labels' ? labels : annotations, subscript[2] ?? '') ?? '';
  const fields = new Map<string, () => string>([
    ['metadata.name', () => name],
    ['metadata.namespace', () => namespaceOf(pod)],
    ['metadata.uid', () => uidOf(pod)],
    ['metadata.labels', () => formatMap(labels)],
    ['metadata.annotations', () => formatMap(annotations)],
  ]);
  return fields.get(path)?.();
}

/** A user's key may be called like something that every object has: `constructor`. */
export function ownValue(map: Record<string, string> | undefined, key: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

function formatMap(map: Record<string, string>): string {
  const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Object.keys(map).sort(compare).map((key) => `${key}=${quote(map[key] ?? '')}`).join('\n');
}

const escapes: Record<string, string> = { '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' };

/** As Go writes a string literal: what cannot be printed is escaped. */
function quote(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (char) => escapes[char] ?? codePoint(char));
  return `"${escaped}"`;
}

function codePoint(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
