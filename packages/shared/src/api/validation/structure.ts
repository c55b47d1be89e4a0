import type { TSchema } from 'typebox';
import type { FieldError } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import { asSchema, type SchemaNode } from '../schema-node.ts';
import { notSupported, required } from './field-errors.ts';

/** What the schema itself says of values: closed sets hold one of their members. */
export function validateStructure(schema: TSchema, object: unknown): FieldError[] {
  return walk(asSchema(schema), object, '', false);
}

function walk(schema: SchemaNode, value: unknown, path: string, isRequired: boolean): FieldError[] {
  if (schema.enum) return checkMember(schema.enum, value, path, isRequired);
  const { items } = schema;
  if (items && Array.isArray(value)) return value.flatMap((item, index) => walk(items, item, `${path}[${index}]`, true));
  return isJsonObject(value) ? walkObject(schema, value, path) : [];
}

function walkObject({ properties, required: names = [], additionalProperties }: SchemaNode, value: Record<string, unknown>, path: string): FieldError[] {
  if (additionalProperties) {
    return Object.entries(value).flatMap(([key, item]) => walk(additionalProperties, item, `${path}[${key}]`, true));
  }
  return Object.entries(value).flatMap(([key, item]) => {
    const property = properties?.[key];
    return property ? walk(property, item, path === '' ? key : `${path}.${key}`, names.includes(key)) : [];
  });
}

function checkMember(members: string[], value: unknown, path: string, isRequired: boolean): FieldError[] {
  if (typeof value !== 'string' || members.includes(value)) return [];
  if (value === '') return isRequired ? [required(path)] : [];
  return [notSupported(path, value, members)];
}
