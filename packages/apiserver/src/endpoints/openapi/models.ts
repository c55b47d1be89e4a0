import type { KindInfo, SchemaNode } from '@podling/shared/scheme';
import { asSchema, wireModels } from '@podling/shared/scheme';

/** A schema that OpenAPI names; `kind` where clients meet it as an object of its own. */
export interface Model {
  name: string;
  schema: SchemaNode;
  kind?: string;
}

/** `core.v1.Pod` → `core.v1.PodList`. */
export function listModelName(kind: KindInfo): string {
  return `${asSchema(kind.schema)['x-podling-model']}List`;
}

/** The list of a kind, which has no schema of its own in the scheme. */
export function listModel(kind: KindInfo): Model {
  const name = listModelName(kind);
  const string: SchemaNode = { type: 'string' };
  const properties = {
    apiVersion: string, kind: string, metadata: wireModel('ListMeta').schema, items: { type: 'array' as const, items: asSchema(kind.schema) },
  };
  const schema: SchemaNode = { type: 'object', properties, required: ['items'], 'x-podling-model': name, 'x-podling-defaults': { metadata: {} } };
  return { name, schema, kind: `${kind.kind}List` };
}

/** Throws for a name that is not in the list of wire models: a broken invariant. */
export function wireModel(name: string): Model {
  const schema = wireModels.get(name);
  if (!schema) throw new Error(`there is no wire model ${name}`);
  return { name: schema['x-podling-model'] ?? '', schema };
}
