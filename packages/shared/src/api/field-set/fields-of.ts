import { propertyOf, type SchemaNode } from '../schema-node.ts';
import { fieldSet, self, type FieldSet, type OptionalFieldSet } from './field-set.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { fieldsIn, isBare, isNamedField, itemsByElement, itemsIn, shapeOf } from './shape.ts';

/** The fields that whoever applies `value` wants to own. The struct fields on the way to others are not in the set themselves. */
export function fieldsOf(schema: SchemaNode | undefined, value: unknown): OptionalFieldSet {
  return fieldSet(false, childrenOf(schema, value));
}

function childrenOf(schema: SchemaNode | undefined, value: unknown): (readonly [PathElement, OptionalFieldSet])[] {
  switch (shapeOf(schema)) {
    case 'leaf':
      return [];
    case 'object':
      return Object.entries(fieldsIn(value)).filter(([, child]) => child !== undefined)
        .map(([name, child]) => [fieldElement(name), ownedField(schema, name, child)] as const);
    default:
      return [...itemsByElement(schema as SchemaNode, itemsIn(value))].map(([step, items]) => [step, ownedItem(schema?.items, items)] as const);
  }
}

function ownedField(schema: SchemaNode | undefined, name: string, value: unknown): OptionalFieldSet {
  const property = propertyOf(schema, name);
  if (shapeOf(property) === 'leaf') return self;
  const emptyList = Array.isArray(value) && value.length === 0;
  const member = !isNamedField(schema, name) || (isBare(value) && !emptyList);
  return fieldSet(member, childrenOf(property, value));
}

/** Repeated items are owned as one, without what is in them. */
function ownedItem(schema: SchemaNode | undefined, items: readonly unknown[]): OptionalFieldSet {
  return items.length > 1 ? self : fieldSet(true, childrenOf(schema, items[0]));
}

/** A value with everything in it, as a change that brings it into being sees it. */
export function allOf(schema: SchemaNode | undefined, value: unknown): FieldSet {
  return fieldSet(true, everythingIn(schema, value)) ?? self;
}

function everythingIn(schema: SchemaNode | undefined, value: unknown): (readonly [PathElement, FieldSet])[] {
  switch (shapeOf(schema)) {
    case 'leaf':
      return [];
    case 'object':
      return Object.entries(fieldsIn(value)).filter(([, child]) => child !== undefined)
        .map(([name, child]) => [fieldElement(name), allOf(propertyOf(schema, name), child)] as const);
    default:
      return [...itemsByElement(schema as SchemaNode, itemsIn(value))]
        .map(([step, items]) => [step, items.length > 1 ? self : allOf(schema?.items, items[0])] as const);
  }
}
