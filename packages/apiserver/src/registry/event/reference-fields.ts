import type { ObjectReference } from '@podling/shared/api';

const parts = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;

/** What selectors may name of the object that an event is about: `involvedObject.kind`, `regarding.kind` … */
export function referenceFields(prefix: string, about: ObjectReference): Record<string, string> {
  return Object.fromEntries(parts.map((part) => [`${prefix}.${part}`, about[part] ?? '']));
}
