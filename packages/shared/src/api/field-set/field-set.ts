import { isJsonObject } from '../json.ts';
import { compareRanks, describePathElement, parsePathElement, rankOf, type PathElement, type PathElementRank } from './path-element.ts';

/**
 * A set of fields, in the very form of fieldsV1: a step leads to the set below it. `{}` is a field that is in the set
 * and has nothing below; where something is below, `"."` says that the field itself is in the set too. A set never
 * changes; the empty set is undefined. Upstream twin: structured-merge-diff's `fieldpath.Set`.
 */
export interface FieldSet {
  readonly [step: PathElement]: FieldSet;
}

/** The mark of a field that is in the set, and the set below a field that has nothing else. */
export const self: FieldSet = Object.freeze({});
const selfKey = '.';

export type OptionalFieldSet = FieldSet | undefined;

/** Whether the field that leads to `set` is itself in the set. */
export function isMember(set: OptionalFieldSet): boolean {
  if (set === undefined) return false;
  if (selfKey in set) return true;
  for (const _ in set) return false;
  return true;
}

export function hasChildren(set: OptionalFieldSet): boolean {
  for (const step in set) if (step !== selfKey) return true;
  return false;
}

export function childOf(set: OptionalFieldSet, step: PathElement): OptionalFieldSet {
  return set !== undefined && Object.hasOwn(set, step) ? set[step] : undefined;
}

/** A set from what is below it and whether its own field is in it. */
export function fieldSet(member: boolean, children: Iterable<readonly [PathElement, OptionalFieldSet]>): OptionalFieldSet {
  const result: Record<PathElement, FieldSet> = {};
  let empty = true;
  for (const [step, child] of children) {
    if (child === undefined) continue;
    if (empty && member) result[selfKey] = self;
    empty = false;
    result[step] = child;
  }
  if (!empty) return result;
  return member ? self : undefined;
}

function* childrenOf(set: FieldSet): Generator<readonly [PathElement, FieldSet]> {
  for (const step in set) if (step !== selfKey) yield [step, set[step] as FieldSet];
}

/** What `change` makes of the children of `a` that `b` has too, or all of `b`'s; undefined where that is what `a` has. */
function changedChildren(
  a: FieldSet, b: FieldSet, change: (below: OptionalFieldSet, other: FieldSet) => OptionalFieldSet,
): Record<PathElement, FieldSet> | undefined {
  let result: Record<PathElement, FieldSet> | undefined;
  for (const step in b) {
    if (step === selfKey) continue;
    const before = childOf(a, step);
    const after = change(before, b[step] as FieldSet);
    if (after === before) continue;
    result ??= { ...a };
    if (after === undefined) delete result[step];
    else result[step] = after;
  }
  return result;
}

/** `children` with the mark that fits; `a` itself where it is the same. */
function marked(a: FieldSet, children: Record<PathElement, FieldSet> | undefined, member: boolean): OptionalFieldSet {
  if (children === undefined && member === isMember(a)) return a;
  const result = children ?? { ...a };
  if (!hasChildren(result)) return member ? self : undefined;
  if (member) return selfKey in result ? result : { [selfKey]: self, ...result };
  delete result[selfKey];
  return result;
}

/** As all that follow, it costs what `b` has, and shares with `a` what stays. */
export function union(a: OptionalFieldSet, b: OptionalFieldSet): OptionalFieldSet {
  if (a === undefined || a === b) return b;
  if (b === undefined) return a;
  return marked(a, changedChildren(a, b, union), isMember(a) || isMember(b));
}

export function intersection(a: OptionalFieldSet, b: OptionalFieldSet): OptionalFieldSet {
  if (a === undefined || b === undefined) return undefined;
  const both = [...childrenOf(b)].map(([step, child]) => [step, intersection(childOf(a, step), child)] as const);
  return fieldSet(isMember(a) && isMember(b), both);
}

/** `a` without the very fields in `b`; what lies below these stays. */
export function difference(a: OptionalFieldSet, b: OptionalFieldSet): OptionalFieldSet {
  if (a === undefined || b === undefined) return a;
  return marked(a, changedChildren(a, b, difference), isMember(a) && !isMember(b));
}

/** `a` without the fields in `b` and all that lies below them. */
export function differenceBelow(a: OptionalFieldSet, b: OptionalFieldSet): OptionalFieldSet {
  if (a === undefined || b === undefined) return a;
  if (isMember(b)) return undefined;
  return marked(a, changedChildren(a, b, differenceBelow), isMember(a));
}

/** The set of these paths, each a list of field names. */
export function fieldSetOf(paths: readonly (readonly string[])[]): OptionalFieldSet {
  return paths.reduce<OptionalFieldSet>((set, path) => {
    const one = path.reduceRight<OptionalFieldSet>((below, name) => fieldSet(false, [[`f:${name}`, below]]), self);
    return union(set, one);
  }, undefined);
}

/** The set with its first steps under other names, in canonical order again. */
export function renameFields(set: OptionalFieldSet, names: ReadonlyMap<string, string>): OptionalFieldSet {
  if (set === undefined) return undefined;
  const renamed = fieldSet(false, [...childrenOf(set)].map(([step, child]) => [`f:${names.get(step.slice(2)) ?? step.slice(2)}`, child] as const));
  return renamed && sortFieldSet(renamed);
}

const ordered = new WeakSet<FieldSet>();

/** The same set with its steps in Kubernetes' order; the very set where it is in order. */
export function sortFieldSet(set: FieldSet): FieldSet {
  if (ordered.has(set)) return set;
  const result = inOrder(set) ? set : rebuilt(set);
  ordered.add(result);
  return result;
}

function inOrder(set: FieldSet): boolean {
  let previous: PathElementRank | undefined;
  for (const step in set) {
    if (step === selfKey) continue;
    const child = set[step] as FieldSet;
    const rank = rankOf(step);
    if (sortFieldSet(child) !== child || (previous !== undefined && compareRanks(previous, rank) > 0)) return false;
    previous = rank;
  }
  return true;
}

function sortedChildren(set: FieldSet): (readonly [PathElement, FieldSet])[] {
  return Array.from(childrenOf(set), (child) => ({ child, rank: rankOf(child[0]) })).toSorted((a, b) => compareRanks(a.rank, b.rank)).map(({ child }) => child);
}

function rebuilt(set: FieldSet): FieldSet {
  const sorted = sortedChildren(set).map(([step, child]) => [step, sortFieldSet(child)] as const);
  return fieldSet(isMember(set), sorted) ?? self;
}

/** Whether two sets in canonical order are the same. */
export function equalFieldSets(a: OptionalFieldSet, b: OptionalFieldSet): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || isMember(a) !== isMember(b)) return false;
  const steps = [...childrenOf(a)];
  return steps.length === [...childrenOf(b)].length && steps.every(([step, child]) => equalFieldSets(child, childOf(b, step)));
}

/** Each field of a set as a path such as `.spec.containers[name="a"].image`; fields of one level before what is below them. */
export function describeFields(set: OptionalFieldSet, prefix = ''): string[] {
  if (set === undefined) return [];
  const children = sortedChildren(set).map(([step, child]) => [prefix + describePathElement(step), child] as const);
  const members = children.filter(([, child]) => isMember(child)).map(([path]) => path);
  return [...members, ...children.flatMap(([path, child]) => describeFields(child, path))];
}

/**
 * The set in a fieldsV1 value that came from outside. Steps of notations we do not know are dropped, as Kubernetes does.
 * Throws an Error for anything else that is no set.
 */
export function parseFieldSet(value: unknown): OptionalFieldSet {
  if (!isJsonObject(value)) throw new Error('fieldsV1 is not an object');
  const steps = Object.keys(value).filter((step) => step !== selfKey);
  const children = steps.map((text) => [parsePathElement(text), value[text]] as const)
    .flatMap(([step, child]) => (step === undefined ? [] : [[step, parseBelow(child)] as const]));
  return fieldSet(false, children);
}

function parseBelow(value: unknown): FieldSet {
  if (!isJsonObject(value)) throw new Error('fieldsV1 holds something else than objects');
  const below = parseFieldSet(value);
  return fieldSet(selfKey in value || below === undefined, Object.entries(below ?? {})) ?? self;
}
