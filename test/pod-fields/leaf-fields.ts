import { asSchema, podKind, type SchemaNode } from '@podling/shared/scheme';

/** The containers of a pod of all three kinds have the same fields: they are listed once, under `containers`. */
const sameAsContainers = ['initContainers', 'ephemeralContainers'];

/** Every field of a pod's spec that has no fields of its own, as a path without indexes: `containers.env.name`. */
export function leafFields(): string[] {
  const spec = asSchema(podKind.schema).properties?.['spec'];
  const { ephemeralContainers, initContainers: _, ...rest } = spec?.properties ?? {};
  const own = Object.entries(rest).flatMap(([name, schema]) => leavesOf(schema, name));
  return [...own, ...sameAsContainers, ...leavesOf(ephemeralContainers ?? {}, 'ephemeralContainers').filter((path) => !isContainerField(path, own))];
}

function isContainerField(path: string, fields: readonly string[]): boolean {
  return fields.includes(path.replace(/^ephemeralContainers\./, 'containers.'));
}

function leavesOf({ items, properties }: SchemaNode, path: string): string[] {
  if (items) return leavesOf(items, path);
  if (!properties) return [path];
  return Object.entries(properties).flatMap(([name, schema]) => leavesOf(schema, `${path}.${name}`));
}
