import type { KubeObject } from '@podling/shared/api';
import { changedFields, compareFields, difference, fieldsOf, goJson } from '@podling/shared/field-set';
import type { OptionalFieldSet } from '@podling/shared/field-set';
import type { SchemaNode } from '@podling/shared/scheme';

/** Where client-side apply keeps what it applied. */
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';
/** The one manager whose client-side and server-side apply are the same user's. */
export const kubectlManager = 'kubectl';
const annotationsLimitBytes = 256 * 1024;

export function lastAppliedOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[lastAppliedAnnotation] || undefined;
}

/**
 * Fields that client-side apply has set to what they still are: server-side apply by kubectl takes these over without a
 * conflict. Undefined when there is no annotation that can be read.
 */
export function fieldsOfLastApplied(schema: SchemaNode, live: KubeObject): OptionalFieldSet {
  const text = lastAppliedOf(live);
  if (text === undefined) return undefined;
  const applied = parseOrUndefined(text);
  if (applied?.['apiVersion'] !== live.apiVersion) return undefined;
  const changes = compareFields(schema, applied, live);
  const fields = fieldsOf(schema, applied);
  return changes ? difference(difference(fields, changedFields(changes)), changes.removed) : fields;
}

function parseOrUndefined(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The annotation as client-side apply would write it for `config`, with which it can go on. */
function lastAppliedText(config: Record<string, unknown>): string {
  const { metadata } = config;
  if (typeof metadata !== 'object' || metadata === null || !('annotations' in metadata)) return `${goJson(sorted(config))}\n`;
  const { [lastAppliedAnnotation]: _own, ...annotations } = (metadata.annotations ?? {}) as Record<string, unknown>;
  return `${goJson(sorted({ ...config, metadata: { ...metadata, annotations } }))}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, sorted(child)]));
}

/** Keeps the annotation in step, where there is one and it fits. */
export function updateLastApplied(object: KubeObject, config: Record<string, unknown>): void {
  if (lastAppliedOf(object) === undefined) return;
  const annotations = { ...object.metadata.annotations, [lastAppliedAnnotation]: lastAppliedText(config) };
  const size = Object.entries(annotations).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (size > annotationsLimitBytes) delete (annotations as Record<string, string>)[lastAppliedAnnotation];
  object.metadata.annotations = annotations;
}
