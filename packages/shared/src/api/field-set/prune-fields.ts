import type { JsonObject } from '../json.ts';
import { propertyOf, type SchemaNode } from '../schema-node.ts';
import { childOf, hasChildren, isMember, type OptionalFieldSet } from './field-set.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { fieldsIn, isNamedField, itemElement, itemsIn, shapeOf } from './shape.ts';

/** What an applier owned the last time, and what anybody owns now. */
interface Ownership {
  last: OptionalFieldSet;
  owned: OptionalFieldSet;
  /** A field above was the applier's. */
  wasOwned: boolean;
  /** A field that is or was the applier's, this or one above, belongs to nobody any more. */
  orphaned: boolean;
}

/**
 * The merged object without what its applier owned the last time and nobody owns now. A struct field counts as owned while
 * something in it is. Parts that nothing is taken from are shared with `merged`.
 */
export function pruneFields(schema: SchemaNode | undefined, merged: unknown, { last, owned }: Pick<Ownership, 'last' | 'owned'>): unknown {
  return prune(schema, merged, { last, owned, wasOwned: false, orphaned: false });
}

function prune(schema: SchemaNode | undefined, value: unknown, ownership: Ownership): unknown {
  if (!hasChildren(ownership.last)) return value;
  switch (shapeOf(schema)) {
    case 'leaf':
      return value;
    case 'object':
      return typeof value === 'object' && value !== null ? pruneObject(schema, fieldsIn(value), ownership) : value;
    default:
      return Array.isArray(value) ? pruneList(schema as SchemaNode, itemsIn(value), ownership) : value;
  }
}

function pruneObject(schema: SchemaNode | undefined, value: JsonObject, ownership: Ownership): JsonObject {
  const kept = Object.entries(value).flatMap(([name, child]) => {
    const below = descend(ownership, fieldElement(name), isNamedField(schema, name));
    return below.gone ? [] : [[name, prune(propertyOf(schema, name), child, below)] as const];
  });
  return Object.fromEntries(kept);
}

function pruneList(schema: SchemaNode, items: readonly unknown[], ownership: Ownership): unknown[] {
  return items.flatMap((item) => {
    const step = itemElement(schema, item);
    if (step === undefined) return [item];
    const below = descend(ownership, step, false);
    return below.gone ? [] : [prune(schema.items, item, below)];
  });
}

function descend({ last, owned, wasOwned, orphaned }: Ownership, step: PathElement, named: boolean): Ownership & { gone: boolean } {
  const below = { last: childOf(last, step), owned: childOf(owned, step) };
  const counts = (set: OptionalFieldSet): boolean => isMember(set) || (named && hasChildren(set));
  const mine = counts(below.last);
  const was = wasOwned || mine;
  const orphan = orphaned || (was && !counts(below.owned));
  return { ...below, wasOwned: was, orphaned: orphan, gone: orphan && mine };
}
