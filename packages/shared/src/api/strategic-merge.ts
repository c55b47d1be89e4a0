import type { TSchema } from 'typebox';
import { checkNesting } from './decode-error.ts';
import { identityKey, orderElements, type Identity } from './element-order.ts';
import { cloneJson, isJsonObject, ownValue, type JsonObject } from './json.ts';
import { PatchError } from './patch-error.ts';
import { asSchema, propertyOf, type SchemaNode } from './schema-node.ts';

const ORDER = '$setElementOrder/';
const DELETE_PRIMITIVES = '$deleteFromPrimitiveList/';

/**
 * Kubernetes' strategic merge patch: objects are merged, null deletes, lists with a merge key are merged element by
 * element, lists of scalars with the merge strategy are united, other lists are replaced. Directives: `$patch`,
 * `$retainKeys`, `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>`.
 * Answers a new object; throws {@link PatchError}, or `DecodeError` for a patch nested too deep.
 */
export function strategicMergePatch(schema: TSchema, original: object, patch: unknown): JsonObject {
  if (!isJsonObject(patch)) throw new PatchError('a strategic merge patch must be an object');
  checkNesting(patch);
  return mergeObject(asSchema(schema), cloneJson(original) as JsonObject, patch);
}

function mergeObject(schema: SchemaNode | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  switch (patch['$patch']) {
    case undefined:
    case 'merge':
      return mergeFields(schema, original, patch);
    case 'replace':
      return mergeFields(schema, {}, patch);
    case 'delete':
      return {};
    default:
      throw new PatchError(`unknown patch type found: ${JSON.stringify(patch['$patch'])}`);
  }
}

function mergeFields(schema: SchemaNode | undefined, original: JsonObject, patch: JsonObject): JsonObject {
  const result = new Map(Object.entries(original));
  retainKeys(result, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch' || key === '$retainKeys') continue;
    if (key.startsWith(DELETE_PRIMITIVES)) deletePrimitives(result, key.slice(DELETE_PRIMITIVES.length), value);
    else if (key.startsWith(ORDER)) mergeOrderOnly(schema, result, patch, key.slice(ORDER.length));
    else if (value === null) result.delete(key);
    else result.set(key, mergeValue(propertyOf(schema, key), result.get(key), value, ownValue(patch, ORDER + key)));
  }
  return Object.fromEntries(result);
}

function retainKeys(result: Map<string, unknown>, patch: JsonObject): void {
  const retained = patch['$retainKeys'];
  if (retained === undefined) return;
  if (!Array.isArray(retained)) throw new PatchError('$retainKeys must be a list of keys');
  const kept = new Set<unknown>(retained);
  const stray = Object.keys(patch).find((key) => !key.startsWith('$') && patch[key] !== null && !kept.has(key));
  if (stray !== undefined) throw new PatchError(`$retainKeys list doesn't contain the field ${stray}, which is in the patch`);
  for (const key of result.keys()) if (!kept.has(key)) result.delete(key);
}

function deletePrimitives(result: Map<string, unknown>, key: string, values: unknown): void {
  if (!Array.isArray(values)) throw new PatchError(`${DELETE_PRIMITIVES}${key} must be a list`);
  const list = result.get(key);
  const gone = new Set<unknown>(values);
  if (Array.isArray(list)) result.set(key, list.filter((item) => !gone.has(item)));
}

/** An order directive whose list is not in the patch reorders what is there. */
function mergeOrderOnly(schema: SchemaNode | undefined, result: Map<string, unknown>, patch: JsonObject, key: string): void {
  const list = result.get(key);
  if (Object.hasOwn(patch, key) || !Array.isArray(list)) return;
  result.set(key, mergeValue(propertyOf(schema, key), list, [], patch[ORDER + key]));
}

function mergeValue(schema: SchemaNode | undefined, original: unknown, patch: unknown, order: unknown): unknown {
  if (schema?.['x-kubernetes-patch-strategy'] === 'replace') return cloneJson(patch);
  if (isJsonObject(patch)) return mergeObject(schema, isJsonObject(original) ? original : {}, patch);
  if (!Array.isArray(patch) || !schema?.['x-kubernetes-patch-strategy']?.includes('merge')) return cloneJson(patch);
  const list = Array.isArray(original) ? original : [];
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  if (mergeKey === undefined) return mergePrimitives(list, patch, order);
  return mergeElements(schema.items, mergeKey, list, patch, order);
}

function orderOf(order: unknown, fallback: unknown[]): unknown[] {
  if (order === undefined) return fallback;
  if (!Array.isArray(order)) throw new PatchError('$setElementOrder must be a list');
  return order;
}

function mergePrimitives(original: unknown[], patch: unknown[], order: unknown): unknown[] {
  const merged = [...new Set([...original, ...patch])];
  return orderElements(merged, orderOf(order, patch), original, (element) => element);
}

function mergeElements(schema: SchemaNode | undefined, mergeKey: string, original: unknown[], patch: unknown[], order: unknown): unknown[] {
  const elements = patch.map((element) => keyedElement(element, mergeKey));
  const changes = elements.filter((element) => element['$patch'] !== 'replace' && element['$patch'] !== 'delete');
  if (elements.some((element) => element['$patch'] === 'replace')) return changes.map((change) => mergeObject(schema, {}, change));
  const identity: Identity = (element) => (isJsonObject(element) ? ownValue(element, mergeKey) : element);
  const keyOf = (element: unknown) => identityKey(identity(element));
  const deleted = new Set(elements.filter((element) => element['$patch'] === 'delete').map(keyOf));
  const merged = original.filter((element) => !deleted.has(keyOf(element)));
  mergeChanges(schema, merged, changes, keyOf);
  return orderElements(merged, orderOf(order, changes), original, identity);
}

function keyedElement(element: unknown, mergeKey: string): JsonObject {
  if (!isJsonObject(element)) throw new PatchError(`expected an object with merge key ${mergeKey} in the list, got ${JSON.stringify(element)}`);
  if (element['$patch'] !== 'replace' && (ownValue(element, mergeKey) ?? null) === null) {
    throw new PatchError(`map: ${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`);
  }
  return element;
}

/** Merges each change into the first element with its key, or appends it. */
function mergeChanges(schema: SchemaNode | undefined, merged: unknown[], changes: JsonObject[], keyOf: (element: unknown) => string): void {
  const positions = new Map<string, number>();
  merged.forEach((element, index) => {
    if (!positions.has(keyOf(element))) positions.set(keyOf(element), index);
  });
  for (const change of changes) {
    const at = positions.get(keyOf(change)) ?? merged.length;
    const original = merged[at];
    merged[at] = mergeObject(schema, isJsonObject(original) ? original : {}, change);
    positions.set(keyOf(change), at);
  }
}
