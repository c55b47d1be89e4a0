import { asSchema, bodySchemas } from '@podling/shared/scheme';
import type { SchemaNode } from '@podling/shared/scheme';

/** Go's embedded TypeMeta: protobuf has it in the envelope. */
const typeMeta = new Set(['apiVersion', 'kind']);

function visit(schema: SchemaNode, found: Map<string, ReadonlySet<string>>, at: string): void {
  if (schema.items) visit(schema.items, found, `${at}[]`);
  if (schema.additionalProperties) visit(schema.additionalProperties, found, `${at}{}`);
  const { properties } = schema;
  if (!properties) return;
  const model = schema['x-podling-model'];
  if (model === undefined) throw new Error(`the struct at ${at} is no model`);
  if (found.has(model)) return;
  const isKind = Object.hasOwn(properties, 'metadata') || model.endsWith('Options');
  found.set(model, new Set(Object.keys(properties).filter((name) => !isKind || !typeMeta.has(name))));
  for (const [name, property] of Object.entries(properties)) visit(property, found, `${model}.${name}`);
}

/** Every model that a request body can hold, with the properties that have a number on the wire. */
export function reachableModels(): Map<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const schema of bodySchemas()) visit(asSchema(schema), found, '');
  return found;
}
