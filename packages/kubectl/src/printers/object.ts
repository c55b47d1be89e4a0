import type * as Yaml from 'yaml';
import type { AnyObject } from '../resource/object.ts';
import { apiVersionOf, typeLabel } from '../resource/rest-mapping.ts';
import type { RestMapping } from '../resource/rest-mapping.ts';

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sortKeys(inner)]));
}

/** Written as escapes: what HTML gives a meaning (as upstream does, whose annotations must compare equal) and what terminals obey. */
// oxlint-disable-next-line no-control-regex
const ESCAPED = /[<>&\u007f-\u009f\u2028\u2029]/g;

const escapeJson = (json: string): string => json.replace(ESCAPED, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** JSON with sorted keys, on one line: the same text for the same content. */
export function canonicalJson(value: unknown): string {
  return escapeJson(JSON.stringify(sortKeys(value)));
}

function withoutManagedFields(object: AnyObject): AnyObject {
  const { metadata, items, ...rest } = object;
  if (metadata === undefined) return object;
  const { managedFields: _, ...kept } = metadata;
  return { ...rest, metadata: kept, ...(items === undefined ? {} : { items: items.map(withoutManagedFields) }) };
}

export interface FormatOptions {
  /** Default false: they are long, and meant for machines. */
  showManagedFields?: boolean;
}

function shown(object: AnyObject, options: FormatOptions): unknown {
  return sortKeys(options.showManagedFields === true ? object : withoutManagedFields(object));
}

/** As the real kubectl indents, with a line feed at the end. */
export function indentedJson(value: unknown): string {
  return `${escapeJson(JSON.stringify(value, null, 4))}\n`;
}

export function formatJson(object: AnyObject, options: FormatOptions = {}): string {
  return indentedJson(shown(object, options));
}

/** Takes a quarter of a command's time: better while something is waited for. */
export const loadYaml = (): Promise<typeof Yaml> => import('yaml');

export async function formatYaml(object: AnyObject, options: FormatOptions = {}): Promise<string> {
  const { stringify } = await loadYaml();
  return stringify(shown(object, options), { version: '1.1', lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false });
}

/** Several objects as one: `kind: List`. */
export function toList(items: readonly AnyObject[]): AnyObject {
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: [...items] };
}

/** The objects of an answer, each with its own kind: servers leave it out inside lists. */
export function objectsOf(mapping: RestMapping, answer: AnyObject): AnyObject[] {
  if (answer.items === undefined) return [answer];
  return answer.items.map((item) => ({ ...item, apiVersion: apiVersionOf(mapping), kind: mapping.kind }));
}

export function nameOf(mapping: RestMapping, object: AnyObject): string {
  return `${typeLabel(mapping)}/${object.metadata?.name ?? ''}`;
}

/** `pod`, `lease.coordination.k8s.io`: the type as an object itself says it. */
export function groupKindOf({ apiVersion = '', kind = '<unknown>' }: AnyObject): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? kind.toLowerCase() : `${kind.toLowerCase()}.${apiVersion.slice(0, slash)}`;
}
