import { isJsonObject } from '../json.ts';
import { propertyOf, type SchemaNode } from '../schema-node.ts';
import { describePathElement, fieldElement, goJson } from './path-element.ts';
import { itemElement } from './shape.ts';

/**
 * What keeps a value from being applied to an object of `schema`: fields that are not declared, values of another type,
 * list items without identity or twice. Each as its path and Kubernetes' words. Null fits everywhere.
 */
export function checkApplied(schema: SchemaNode | undefined, value: unknown, path = ''): string[] {
  if (value === null || value === undefined || schema === undefined) return [];
  if (schema['x-kubernetes-int-or-string'] || schema['x-podling-quantity']) {
    return isOneOf(value, 'string', 'number') ? [] : [`${path}: expected string or number, got ${goJson(value)}`];
  }
  switch (schema.type) {
    case 'object':
      return isJsonObject(value) ? checkFields(schema, value, path) : [`${path}: expected map, got ${goJson(value)}`];
    case 'array':
      return Array.isArray(value) ? checkItems(schema, value, path) : [`${path}: expected list, got ${goJson(value)}`];
    case 'integer':
      return isOneOf(value, 'number') ? [] : [`${path}: expected numeric (int or float), got ${typeof value}`];
    default:
      return isOneOf(value, schema.type ?? 'string') ? [] : [`${path}: expected ${schema.type ?? 'string'}, got ${goJson(value)}`];
  }
}

function isOneOf(value: unknown, ...types: string[]): boolean {
  return types.includes(typeof value);
}

function checkFields(schema: SchemaNode, value: Record<string, unknown>, path: string): string[] {
  if (schema['x-kubernetes-preserve-unknown-fields']) return [];
  return Object.keys(value).toSorted().flatMap((name) => {
    const at = path + describePathElement(fieldElement(name));
    const property = propertyOf(schema, name);
    return property ? checkApplied(property, value[name], at) : [`${at}: field not declared in schema`];
  });
}

function checkItems(schema: SchemaNode, items: readonly unknown[], path: string): string[] {
  if (schema['x-kubernetes-list-type'] === 'atomic') return items.flatMap((item, index) => checkApplied(schema.items, item, `${path}[${index}]`));
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const step = itemElement(schema, item);
    if (step === undefined) return [`${path}: element ${index}: ${whyWithoutIdentity(schema, item)}`];
    const again = seen.has(step);
    seen.add(step);
    const below = path + describePathElement(step);
    return again ? [`${path}: duplicate entries for key ${describePathElement(step)}`] : checkApplied(schema.items, item, below);
  });
}

function whyWithoutIdentity(schema: SchemaNode, item: unknown): string {
  if (schema['x-kubernetes-list-type'] === 'set') return 'associative list without keys has an element that is no scalar';
  if (!isJsonObject(item)) return `associative list with keys may not have ${item === null ? 'a null element' : 'non-map elements'}`;
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => JSON.stringify(key)).join(' ');
  return `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`;
}
