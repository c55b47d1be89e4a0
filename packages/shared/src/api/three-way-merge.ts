import type { TSchema } from 'typebox';
import { cloneJson, equalJson, isJsonObject, ownValue, type JsonObject } from './json.ts';
import { PatchError } from './patch-error.ts';
import { canonicalQuantity, isQuantity } from './quantity.ts';
import { asSchema, propertyOf, type SchemaNode } from './schema-node.ts';

/**
 * The strategic merge patch that makes `current` (live) what `modified` says, removes what `original` (last applied)
 * had and `modified` has not, and leaves alone what others have set. An empty object means there is nothing to change.
 * Throws {@link PatchError} for a list element without its merge key.
 */
export function createThreeWayStrategicPatch(schema: TSchema, original: JsonObject, modified: JsonObject, current: JsonObject): JsonObject {
  return diffObjects(asSchema(schema), original, modified, current);
}

type Entries = [key: string, value: unknown][];

const objectOr = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
const listOr = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const isPresent = (object: JsonObject, key: string) => (ownValue(object, key) ?? null) !== null;

function diffObjects(schema: SchemaNode | undefined, original: JsonObject, modified: JsonObject, current: JsonObject): JsonObject {
  const patch: Entries = Object.keys(original)
    .filter((key) => !isPresent(modified, key) && isPresent(current, key))
    .map((key) => [key, null]);
  for (const key of Object.keys(modified).filter((name) => isPresent(modified, name))) {
    patch.push(...diffField(propertyOf(schema, key), key, ownValue(original, key), modified[key], ownValue(current, key)));
  }
  return Object.fromEntries(patch);
}

function diffField(schema: SchemaNode | undefined, key: string, original: unknown, modified: unknown, current: unknown): Entries {
  if (current === undefined || current === null) return [[key, cloneJson(modified)]];
  const isWhole = schema?.['x-kubernetes-patch-strategy'] === 'replace';
  if (!isWhole && isJsonObject(modified) && isJsonObject(current)) {
    const patch = diffObjects(schema, objectOr(original), modified, current);
    return Object.keys(patch).length === 0 ? [] : [[key, patch]];
  }
  if (Array.isArray(modified) && Array.isArray(current) && schema?.['x-kubernetes-patch-strategy']?.includes('merge')) {
    return diffList(schema, key, listOr(original), modified, current);
  }
  return isSame(schema, modified, current) ? [] : [[key, cloneJson(modified)]];
}

function isSame(schema: SchemaNode | undefined, modified: unknown, current: unknown): boolean {
  if (!schema?.['x-podling-quantity']) return equalJson(modified, current);
  const canonical = (value: unknown) => (isQuantity(String(value)) ? canonicalQuantity(String(value)) : value);
  return canonical(modified) === canonical(current);
}

function diffList(schema: SchemaNode, key: string, original: unknown[], modified: unknown[], current: unknown[]): Entries {
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  return mergeKey === undefined
    ? diffPrimitives(key, original, modified, current)
    : diffElements(schema, key, mergeKey, original, modified, current);
}

function diffPrimitives(key: string, original: unknown[], modified: unknown[], current: unknown[]): Entries {
  const added = modified.filter((item) => !current.includes(item));
  const deleted = original.filter((item) => !modified.includes(item) && current.includes(item));
  const patch: Entries = [];
  if (deleted.length > 0) patch.push([`$deleteFromPrimitiveList/${key}`, deleted]);
  if (added.length > 0) patch.push([key, added]);
  if (patch.length > 0 || !keepsOrder(modified, current)) patch.unshift([`$setElementOrder/${key}`, [...modified]]);
  return patch;
}

function diffElements(
  schema: SchemaNode, key: string, mergeKey: string, original: unknown[], modified: unknown[], current: unknown[],
): Entries {
  const [before, wanted, live] = [byKey(original, mergeKey), byKey(modified, mergeKey), byKey(current, mergeKey)];
  if (wanted.size < modified.length || live.size < current.length) return replaceAmbiguous(key, modified, current);
  const retains = schema['x-kubernetes-patch-strategy']?.includes('retainKeys') ?? false;
  const changes = [...wanted].flatMap(([id, element]) => {
    const patch = diffElement(schema.items, before.get(id) ?? {}, element, live.get(id), retains);
    return Object.keys(patch).length === 0 ? [] : [{ ...patch, [mergeKey]: id }];
  });
  const deletions = [...before.keys()].filter((id) => !wanted.has(id) && live.has(id)).map((id) => ({ $patch: 'delete', [mergeKey]: id }));
  const order = [...wanted.keys()];
  const patch = [...changes, ...deletions];
  if (patch.length === 0 && keepsOrder(order, [...live.keys()])) return [];
  const setOrder: Entries = [[`$setElementOrder/${key}`, order.map((id) => ({ [mergeKey]: id }))]];
  return patch.length === 0 ? setOrder : [...setOrder, [key, patch]];
}

/** Elements that share a merge key (port 53 over TCP and over UDP) cannot be patched one by one. */
function replaceAmbiguous(key: string, modified: unknown[], current: unknown[]): Entries {
  return equalJson(modified, current) ? [] : [[key, [...modified.map(cloneJson), { $patch: 'replace' }]]];
}

function diffElement(
  schema: SchemaNode | undefined, original: JsonObject, modified: JsonObject, current: JsonObject | undefined, retains: boolean,
): JsonObject {
  if (!current) return cloneJson(modified);
  const patch = diffObjects(schema, original, modified, current);
  if (!retains || Object.keys(patch).length === 0) return patch;
  return { ...patch, $retainKeys: Object.keys(modified).filter((key) => isPresent(modified, key)) };
}

type Keyed = Map<unknown, JsonObject>;

function byKey(list: unknown[], mergeKey: string): Keyed {
  const keyed: Keyed = new Map();
  for (const element of list) {
    const id = isJsonObject(element) ? ownValue(element, mergeKey) : undefined;
    if (!isJsonObject(element) || id === undefined) {
      throw new PatchError(`map: ${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`);
    }
    if (!keyed.has(id)) keyed.set(id, element);
  }
  return keyed;
}

/** Whether the wanted items stand in `current` in the wanted order already. */
function keepsOrder(wanted: unknown[], current: unknown[]): boolean {
  const positions = wanted.map((item) => current.indexOf(item)).filter((at) => at >= 0);
  return positions.every((at, index) => index === 0 || at > (positions[index - 1] ?? 0));
}
