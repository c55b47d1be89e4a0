import { equalJson } from '../json.ts';
import { propertyOf, type SchemaNode } from '../schema-node.ts';
import { fieldSet, self, union, type OptionalFieldSet } from './field-set.ts';
import { allOf } from './fields-of.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { fieldsIn, isBare, itemElement, itemsByElement, itemsIn, shapeOf } from './shape.ts';

/** What changes from one object to another. */
export interface FieldChanges {
  added: OptionalFieldSet;
  modified: OptionalFieldSet;
  removed: OptionalFieldSet;
}

type Changes = FieldChanges | undefined;
type ChildChanges = (readonly [PathElement, FieldChanges])[];

const modifiedLeaf: FieldChanges = { added: undefined, modified: self, removed: undefined };

/** The fields in which two objects of a schema differ; undefined where they do not. The objects are not walked into where they are one. */
export function compareFields(schema: SchemaNode | undefined, before: unknown, after: unknown): Changes {
  if (before === after) return undefined;
  if (before === undefined) return { added: allOf(schema, after), modified: undefined, removed: undefined };
  if (after === undefined) return { added: undefined, modified: undefined, removed: allOf(schema, before) };
  const shape = shapeOf(schema);
  if (shape === 'leaf' || (isBare(before) && isBare(after))) return equalJson(before, after) ? undefined : modifiedLeaf;
  return joined(shape === 'object' ? compareObjects(schema, before, after) : compareLists(schema as SchemaNode, before, after));
}

function joined(children: ChildChanges): Changes {
  if (children.length === 0) return undefined;
  const part = (pick: keyof FieldChanges) => fieldSet(false, children.map(([step, changes]) => [step, changes[pick]] as const));
  return { added: part('added'), modified: part('modified'), removed: part('removed') };
}

function compareObjects(schema: SchemaNode | undefined, before: unknown, after: unknown): ChildChanges {
  const [old, next] = [fieldsIn(before), fieldsIn(after)];
  const found: ChildChanges = [];
  for (const name of Object.keys(next)) {
    const changes = compareFields(propertyOf(schema, name), Object.hasOwn(old, name) ? old[name] : undefined, next[name]);
    if (changes) found.push([fieldElement(name), changes]);
  }
  for (const name of Object.keys(old)) {
    if (Object.hasOwn(next, name)) continue;
    const changes = compareFields(propertyOf(schema, name), old[name], undefined);
    if (changes) found.push([fieldElement(name), changes]);
  }
  return found;
}

/** Lists of the same items in the same places, which is the rule, are compared without looking items up. */
function compareLists(schema: SchemaNode, before: unknown, after: unknown): ChildChanges {
  const [old, next] = [itemsIn(before), itemsIn(after)];
  return compareInPlace(schema, old, next) ?? compareByElement(schema, old, next);
}

function compareInPlace(schema: SchemaNode, old: readonly unknown[], next: readonly unknown[]): ChildChanges | undefined {
  if (old.length !== next.length) return undefined;
  const found: ChildChanges = [];
  let byElement: ReadonlyMap<PathElement, unknown[]> | undefined;
  for (const [index, item] of next.entries()) {
    const changes = compareFields(schema.items, old[index], item);
    if (!changes) continue;
    byElement ??= itemsByElement(schema, next);
    const step = itemElement(schema, item);
    if (step === undefined || step !== itemElement(schema, old[index]) || byElement.get(step)?.length !== 1) return undefined;
    found.push([step, changes]);
  }
  return found;
}

function compareByElement(schema: SchemaNode, old: readonly unknown[], next: readonly unknown[]): ChildChanges {
  const [before, after] = [itemsByElement(schema, old), itemsByElement(schema, next)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((step) => {
    const changes = compareTwins(schema.items, before.get(step) ?? [], after.get(step) ?? []);
    return changes ? [[step, changes] as const] : [];
  });
}

/** Repeated items count as one leaf: items turn into it, and it into items. */
function compareTwins(schema: SchemaNode | undefined, old: readonly unknown[], next: readonly unknown[]): Changes {
  const [wasLeaf, isLeaf] = [old.length > 1, next.length > 1];
  if (!wasLeaf && !isLeaf) return compareFields(schema, old[0], next[0]);
  if (wasLeaf && isLeaf) return equalJson(old, next) ? undefined : modifiedLeaf;
  const added = next.length === 0 ? undefined : isLeaf ? self : allOf(schema, next[0]);
  const removed = old.length === 0 ? undefined : wasLeaf ? self : allOf(schema, old[0]);
  return { added, modified: undefined, removed };
}

/** Everything that is new or other. */
export function changedFields({ added, modified }: FieldChanges): OptionalFieldSet {
  return union(added, modified);
}
