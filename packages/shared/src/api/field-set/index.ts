export { checkApplied } from './check-applied.ts';
export { changedFields, compareFields, type FieldChanges } from './compare-fields.ts';
export {
  describeFields, difference, differenceBelow, equalFieldSets, fieldSetOf, intersection, parseFieldSet, renameFields, sortFieldSet, union,
  type FieldSet, type OptionalFieldSet,
} from './field-set.ts';
export { fieldsOf } from './fields-of.ts';
export { mergeApplied } from './merge-applied.ts';
export { goJson } from './path-element.ts';
export { pruneFields } from './prune-fields.ts';
