import type { SchemaNode } from '@podling/shared/scheme';
import { definitionName, scalarNames } from './definition-name.ts';
import type { Descriptions } from './descriptions.ts';

/** A schema as OpenAPI v3 writes it. */
export type OpenApiSchema = Record<string, unknown>;

const listKeywords = [
  'x-kubernetes-list-map-keys', 'x-kubernetes-list-type', 'x-kubernetes-map-type', 'x-kubernetes-patch-merge-key', 'x-kubernetes-patch-strategy',
] as const;

const zeroValues: Readonly<Record<string, unknown>> = { string: '', integer: 0, boolean: false };

/** The name under which a schema stands in the components; undefined for what is written in place. */
function nameOf(schema: SchemaNode): string | undefined {
  if (schema['x-podling-model']) return definitionName(schema['x-podling-model']);
  if (schema['x-podling-quantity']) return scalarNames.quantity;
  if (schema['x-kubernetes-int-or-string']) return scalarNames.intOrString;
  if (schema.format !== 'date-time') return undefined;
  return schema['x-podling-precision'] === 'micro' ? scalarNames.microTime : scalarNames.time;
}

export function refTo(name: string): OpenApiSchema {
  return { $ref: `#/components/schemas/${name}` };
}

function keywordsOf(schema: SchemaNode): OpenApiSchema {
  return Object.fromEntries(listKeywords.flatMap((keyword) => (schema[keyword] === undefined ? [] : [[keyword, schema[keyword]]])));
}

/** Beside a reference stands only what is said of the field, not of the model. */
function strategyOf(schema: SchemaNode): OpenApiSchema {
  const strategy = schema['x-kubernetes-patch-strategy'];
  return strategy === undefined ? {} : { 'x-kubernetes-patch-strategy': strategy };
}

function enumOf(schema: SchemaNode): OpenApiSchema {
  return schema.enum && !schema['x-podling-unlisted'] ? { enum: schema.enum.toSorted() } : {};
}

/** What a list or a map holds: a value that is never absent, so it has Go's zero value as its default. */
function renderElement(schema: SchemaNode, within: 'list' | 'map'): OpenApiSchema {
  const name = nameOf(schema);
  if (name && schema['x-podling-model'] && within === 'list') return { default: {}, allOf: [refTo(name)] };
  if (name) return refTo(name);
  if (!schema.type || !(schema.type in zeroValues)) return renderInPlace(schema);
  return schema.format === 'byte' ? renderInPlace(schema) : { ...renderInPlace(schema), default: zeroValues[schema.type] };
}

function renderInPlace(schema: SchemaNode): OpenApiSchema {
  const { type, format, items, additionalProperties } = schema;
  return {
    ...(type ? { type } : {}),
    ...(format ? { format } : {}),
    ...enumOf(schema),
    ...(items ? { items: renderElement(items, 'list') } : {}),
    ...(additionalProperties ? { additionalProperties: renderElement(additionalProperties, 'map') } : {}),
  };
}

function requiredOf(schema: SchemaNode): string[] {
  const implied = schema['x-podling-implied'] ?? [];
  return (schema.required ?? []).filter((field) => !implied.includes(field));
}

function defaultOf(parent: SchemaNode, field: string, schema: SchemaNode): OpenApiSchema {
  const own = parent['x-podling-defaults'] ?? {};
  if (Object.hasOwn(own, field)) return own[field] === undefined ? {} : { default: own[field] };
  const zero = nameOf(schema) === undefined && schema.type && requiredOf(parent).includes(field) ? zeroValues[schema.type] : undefined;
  return zero === undefined ? {} : { default: zero };
}

function renderField(parent: SchemaNode, field: string, schema: SchemaNode, descriptions: Descriptions): OpenApiSchema {
  const description = descriptions.ofField(parent['x-podling-model'] ?? '', field);
  const name = nameOf(schema);
  return {
    ...(description === undefined ? {} : { description }),
    ...defaultOf(parent, field, schema),
    ...(name ? { allOf: [refTo(name)], ...strategyOf(schema) } : { ...renderInPlace(schema), ...keywordsOf(schema) }),
  };
}

/** A model with its fields in the order of their names, as it stands in `components.schemas`. */
export function renderModel(schema: SchemaNode, descriptions: Descriptions): OpenApiSchema {
  const model = schema['x-podling-model'] ?? '';
  const description = descriptions.ofModel(model);
  const fields = Object.entries(schema.properties ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const required = requiredOf(schema);
  return {
    ...(description === undefined ? {} : { description }),
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    ...(fields.length > 0 ? { properties: Object.fromEntries(fields.map(([field, child]) => [field, renderField(schema, field, child, descriptions)])) } : {}),
    ...(schema['x-kubernetes-map-type'] ? { 'x-kubernetes-map-type': schema['x-kubernetes-map-type'] } : {}),
    ...(schema['x-kubernetes-unions'] ? { 'x-kubernetes-unions': schema['x-kubernetes-unions'] } : {}),
  };
}

/** The scalars that Kubernetes names. */
export function scalarDefinitions(descriptions: Descriptions): Record<string, OpenApiSchema> {
  const described = (model: string, schema: OpenApiSchema): OpenApiSchema => ({ description: descriptions.ofModel(model), ...schema });
  return {
    [scalarNames.time]: described('meta.v1.Time', { type: 'string', format: 'date-time' }),
    [scalarNames.microTime]: described('meta.v1.MicroTime', { type: 'string', format: 'date-time' }),
    [scalarNames.quantity]: described('api.resource.Quantity', { oneOf: [{ type: 'string' }, { type: 'number' }] }),
    [scalarNames.intOrString]: described('util.intstr.IntOrString', { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] }),
  };
}
