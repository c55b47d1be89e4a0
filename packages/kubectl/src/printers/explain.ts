import { sanitize } from '@podling/shared/sanitize';
import type { OpenApiDocument, OpenApiSchema } from '../resource/open-api.ts';

const WIDTH = 76;
const ENUM_SHOWN = 4;

export interface Explained {
  group: string;
  version: string;
  kind: string;
  document: OpenApiDocument;
  schema: OpenApiSchema;
  /** `spec`, `containers`. */
  fields: readonly string[];
  recursive: boolean;
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (longer.length <= width || current === '') current = longer;
    else {
      lines.push(current);
      current = word;
    }
  }
  return [...lines, current];
}

function block(text: string, width: number, indent: number): string {
  const lines = sanitize(text).split('\n').flatMap((line) => wrapLine(line, width));
  return lines.map((line) => `${' '.repeat(indent)}${line}\n`).join('');
}

/** Reads schemas of one document. */
class Schemas {
  readonly #document: OpenApiDocument;

  constructor(document: OpenApiDocument) {
    this.#document = document;
  }

  resolve(schema: OpenApiSchema): OpenApiSchema {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : (this.#document.components?.schemas?.[name] ?? schema);
  }

  /** What a list, a map or a mere reference is about. */
  inner(schema: OpenApiSchema): OpenApiSchema[] {
    const { allOf = [], items, additionalProperties: values } = this.resolve(schema);
    return [...allOf, ...(items === undefined ? [] : [items]), ...(typeof values === 'object' ? [values] : [])];
  }

  typeOf(schema: OpenApiSchema): string {
    const { items, additionalProperties, allOf = [], properties } = schema;
    if (items !== undefined) return `[]${this.typeOf(items)}`;
    if (typeof additionalProperties === 'object') return `map[string]${this.typeOf(additionalProperties)}`;
    const [only, more] = allOf;
    if (only !== undefined && more === undefined && properties === undefined) return this.typeOf(only);
    if (schema.$ref === undefined) return schema.type === undefined || schema.type === 'object' ? 'Object' : schema.type;
    const { type = 'object' } = this.resolve(schema);
    return type === 'object' ? (schema.$ref.split('/').at(-1)?.split('.').at(-1) ?? 'Object') : type;
  }

  /** The field's own words, and behind them those of its type. */
  description(schema: OpenApiSchema): string {
    const own = this.resolve(schema).description;
    return `${own === undefined || own === '' ? '' : `${own}\n`}${this.inner(schema).map((inner) => this.description(inner)).join('')}`;
  }

  /** The properties, and the schema that says which of them are required. */
  fieldsOf(schema: OpenApiSchema, seen: ReadonlySet<string> = new Set()): [name: string, field: OpenApiSchema, required: boolean][] {
    if (schema.$ref !== undefined && seen.has(schema.$ref)) return [];
    const inside = schema.$ref === undefined ? seen : new Set([...seen, schema.$ref]);
    const { properties = {}, required = [] } = this.resolve(schema);
    const names = Object.keys(properties).sort();
    const own = names.map((name): [string, OpenApiSchema, boolean] => [name, properties[name] as OpenApiSchema, required.includes(name)]);
    return [...own, ...this.inner(schema).flatMap((inner) => this.fieldsOf(inner, inside))];
  }

  /** Every reference that leads to the fields of `schema`. */
  references(schema: OpenApiSchema): string[] {
    return [...(schema.$ref === undefined ? [] : [schema.$ref]), ...this.inner(schema).flatMap((inner) => (inner === schema ? [] : this.references(inner)))];
  }
}

const enumValue = (value: unknown): string => (value === '' ? '""' : String(value as string | number | boolean));

function enumLine(values: readonly unknown[], indent: number): string {
  const shown = values.slice(0, ENUM_SHOWN).map(enumValue).join(', ');
  return `${' '.repeat(indent)}enum: ${shown}${values.length > ENUM_SHOWN ? ', ....' : ''}\n`;
}

function fieldLine(schemas: Schemas, [name, field, required]: [string, OpenApiSchema, boolean], indent: number): string {
  const line = `${' '.repeat(indent)}${name}\t<${schemas.typeOf(field)}>${required ? ' -required-' : ''}\n`;
  return field.enum === undefined ? line : line + enumLine(field.enum, indent);
}

function fieldList(schemas: Schemas, schema: OpenApiSchema, level: number): string {
  const indent = level * 2;
  return schemas
    .fieldsOf(schema)
    .map((field) => `${fieldLine(schemas, field, indent)}${block(field[1].description ?? '<no description>', WIDTH + 2 - indent, indent + 2)}\n`)
    .join('');
}

/** Names and types only; a type inside itself is not opened again. */
function fieldTree(schemas: Schemas, schema: OpenApiSchema, level: number, seen: ReadonlySet<string>): string {
  const references = schemas.references(schema);
  if (references.some((reference) => seen.has(reference))) return '';
  const inside = new Set([...seen, ...references]);
  return schemas
    .fieldsOf(schema)
    .map((field) => fieldLine(schemas, field, level * 2) + fieldTree(schemas, field[1], level + 1, inside))
    .join('');
}

function fieldHead(schemas: Schemas, name: string, field: OpenApiSchema): string {
  const values = field.enum === undefined ? '' : `ENUM:${field.enum.map((value) => `\n    ${enumValue(value)}`).join('')}`;
  return `FIELD: ${name} <${schemas.typeOf(field)}>\n${values}\n\n`;
}

/** Which resource is spoken of. */
export function explainHead({ group, version, kind }: Pick<Explained, 'group' | 'version' | 'kind'>): string {
  return `${group === '' ? '' : `GROUP:      ${group}\n`}KIND:       ${kind}\nVERSION:    ${version}\n\n`;
}

/** What `explain` shows; undefined when there is no such field. */
export function explainText({ document, schema, fields, recursive, ...resource }: Explained): string | undefined {
  const schemas = new Schemas(document);
  let current = schema;
  for (const name of fields) {
    const found = schemas.fieldsOf(current).find(([field]) => field === name);
    if (found === undefined) return undefined;
    current = found[1];
  }
  const name = fields.at(-1);
  const description = schemas.description(current);
  const list = recursive ? fieldTree(schemas, current, 1, new Set()) : fieldList(schemas, current, 1);
  return [
    explainHead(resource),
    name === undefined ? '' : fieldHead(schemas, name, current),
    `DESCRIPTION:\n${block(description === '' ? '<empty>' : description, WIDTH, 4)}`,
    list === '' ? '' : `FIELDS:\n${list}`,
    '\n',
  ].join('');
}
