import { isJsonObject, ownValue, type JsonObject } from '../json.ts';
import { propertyOf, type SchemaNode } from '../schema-node.ts';
import { keyElement, valueElement, type PathElement } from './path-element.ts';

/**
 * How ownership sees a value: a `leaf` has one owner as a whole; the fields of an `object` (a struct or a map) and the
 * items of a `list` (told apart by keys, or a set of scalars) have owners of their own.
 */
export type Shape = 'leaf' | 'object' | 'list';

export function shapeOf(schema: SchemaNode | undefined): Shape {
  if (schema?.type === 'array') return isGranularList(schema) ? 'list' : 'leaf';
  if (schema?.type !== 'object' || schema['x-kubernetes-map-type'] === 'atomic') return 'leaf';
  return schema.properties ?? schema.additionalProperties ? 'object' : 'leaf';
}

function isGranularList(schema: SchemaNode): boolean {
  const type = schema['x-kubernetes-list-type'];
  return type === 'map' || type === 'set';
}

/** Whether `name` is a field that the struct declares, not a key of a map. */
export function isNamedField(schema: SchemaNode | undefined, name: string): boolean {
  return schema?.properties !== undefined && Object.hasOwn(schema.properties, name);
}

/** The value that a list item without this key has in its place; undefined where an absent key stays absent. */
function keyDefault(item: SchemaNode | undefined, key: string): unknown {
  const declared = item?.['x-podling-defaults']?.[key];
  if (declared !== undefined || !item?.required?.includes(key)) return declared;
  return propertyOf(item, key)?.type === 'integer' ? 0 : '';
}

/** The step that leads to a list item. Undefined for an item that has no identity: no scalar in a set, none of the keys. */
export function itemElement(list: SchemaNode, item: unknown): PathElement | undefined {
  if (list['x-kubernetes-list-type'] === 'set') return typeof item === 'object' || item === undefined ? undefined : valueElement(item);
  if (!isJsonObject(item)) return undefined;
  const keys = (list['x-kubernetes-list-map-keys'] ?? []).map((key) => [key, ownValue(item, key) ?? keyDefault(list.items, key)] as const)
    .filter(([, value]) => value !== undefined);
  return keys.length === 0 ? undefined : keyElement(keys);
}

/** The items of a list by their steps, in order; items with the same step are together, those without identity are left out. */
export function itemsByElement(list: SchemaNode, items: readonly unknown[]): Map<PathElement, unknown[]> {
  const found = new Map<PathElement, unknown[]>();
  for (const item of items) {
    const step = itemElement(list, item);
    if (step === undefined) continue;
    const same = found.get(step);
    if (same) same.push(item);
    else found.set(step, [item]);
  }
  return found;
}

const nothing: JsonObject = {};

/** The fields of an object; none for null and for what is no object. */
export function fieldsIn(value: unknown): JsonObject {
  return isJsonObject(value) ? value : nothing;
}

export function itemsIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Whether a granular value holds nothing, so that it is seen as one leaf. */
export function isBare(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (!isJsonObject(value)) return true;
  for (const key in value) if (value[key] !== undefined) return false;
  return true;
}
