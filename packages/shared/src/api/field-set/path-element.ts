import { isJsonObject } from '../json.ts';

/**
 * One step of a path in fieldsV1 notation: `f:name` a field or map key, `k:{"name":"a"}` a list item by its keys,
 * `v:"x"` an item of a set, `i:0` an index. Steps are always in canonical form, so that equal steps are equal strings.
 * Upstream twin: structured-merge-diff's `PathElement`.
 */
export type PathElement = string;

const rawHtml = /[<>&\u2028\u2029]/g;

/** JSON as Go writes it: characters that mean something to HTML are escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(rawHtml, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** The keys of a list item, which are written in the order of their names. */
export function keyElement(keys: readonly (readonly [name: string, value: unknown])[]): PathElement {
  const sorted = keys.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `k:{${sorted.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(',')}}`;
}

export function valueElement(value: unknown): PathElement {
  return `v:${goJson(value)}`;
}

/** The canonical form of a step that came from outside; undefined for a notation of the future. Throws for a broken one. */
export function parsePathElement(text: string): PathElement | undefined {
  const content = text.slice(2);
  switch (text.slice(0, 2)) {
    case 'f:':
      return text;
    case 'v:':
      return valueElement(JSON.parse(content));
    case 'i:':
      return parseIndex(content);
    case 'k:':
      return parseKeys(content);
    default:
      if (text[1] === ':') return undefined;
      throw new Error(`missing colon: ${text}`);
  }
}

function parseIndex(content: string): PathElement {
  if (!/^[+-]?\d{1,15}$/.test(content)) throw new Error(`invalid index: ${content}`);
  return `i:${Number(content)}`;
}

function parseKeys(content: string): PathElement {
  const keys: unknown = JSON.parse(content);
  if (!isJsonObject(keys)) throw new Error(`keys are not an object: ${content}`);
  return keyElement(Object.entries(keys));
}

const kindOrder = 'fkvi';

/** Where a step stands among others. Made once for many comparisons: it has to parse the step. */
export interface PathElementRank {
  kind: number;
  value: unknown;
}

export function rankOf(element: PathElement): PathElementRank {
  const kind = kindOrder.indexOf(element[0] ?? '');
  if (element[0] === 'f') return { kind, value: element };
  const value: unknown = JSON.parse(element.slice(2));
  return { kind, value: isJsonObject(value) ? Object.entries(value).flat() : value };
}

/** Kubernetes' order: fields by name, then keys by names and values, then values, then indexes; numbers before strings. */
export function compareRanks(a: PathElementRank, b: PathElementRank): number {
  return a.kind - b.kind || compareValues(a.value, b.value);
}

const typeOrder = ['number', 'string', 'boolean', 'object'];

function compareScalars<T extends string | number | boolean>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a !== typeof b) return typeOrder.indexOf(typeof a) - typeOrder.indexOf(typeof b);
  if (isJsonObject(a) && isJsonObject(b)) return compareLists(Object.entries(a).flat(), Object.entries(b).flat());
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  return typeof a === 'object' ? 0 : compareScalars(a as string, b as string);
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  const at = a.findIndex((item, index) => index >= b.length || compareValues(item, b[index]) !== 0);
  if (at < 0) return a.length - b.length;
  return at >= b.length ? 1 : compareValues(a[at], b[at]);
}

/** A step as messages show it: `.spec`, `[name="a"]`, `[="x"]`, `[0]`. */
export function describePathElement(element: PathElement): string {
  const content = element.slice(2);
  switch (element[0]) {
    case 'f':
      return `.${content}`;
    case 'k':
      return `[${Object.entries(JSON.parse(content) as object).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    case 'v':
      return `[=${JSON.stringify(JSON.parse(content))}]`;
    default:
      return `[${content}]`;
  }
}
