import type { SchemaNode } from './schema-node.ts';

function childrenOf({ properties = {}, items, additionalProperties }: SchemaNode): SchemaNode[] {
  return [...Object.values(properties), ...(items ? [items] : []), ...(additionalProperties ? [additionalProperties] : [])];
}

/** All models within `roots`, each once, by name. Throws for a struct that is no model: every one that goes over the wire is. */
export function modelsWithin(roots: readonly SchemaNode[]): Map<string, SchemaNode> {
  const found = new Map<string, SchemaNode>();
  const pending = [...roots];
  for (let schema = pending.pop(); schema; schema = pending.pop()) {
    const name = schema['x-podling-model'];
    if (name !== undefined && found.has(name)) continue;
    if (name === undefined && schema.properties) throw new Error(`the struct with the fields ${Object.keys(schema.properties).join(', ')} is no model`);
    if (name !== undefined) found.set(name, schema);
    pending.push(...childrenOf(schema));
  }
  return found;
}
