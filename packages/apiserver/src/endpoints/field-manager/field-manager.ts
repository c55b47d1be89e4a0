import { isDeepStrictEqual } from 'node:util';
import { newBadRequest, newInvalid } from '@podling/shared/api';
import type { KubeObject, ManagedFieldsEntry } from '@podling/shared/api';
import {
  changedFields, checkApplied, compareFields, difference, differenceBelow, fieldSetOf, fieldsOf, intersection, mergeApplied, pruneFields, union,
} from '@podling/shared/field-set';
import type { FieldChanges, OptionalFieldSet } from '@podling/shared/field-set';
import { asSchema, decode } from '@podling/shared/scheme';
import type { KindInfo, SchemaNode } from '@podling/shared/scheme';
import { capManagers } from './cap-managers.ts';
import { newApplyConflict } from './conflicts.ts';
import type { Conflict } from './conflicts.ts';
import { fieldsOfLastApplied, kubectlManager } from './last-applied.ts';
import { encodeEntries, identityOf, parseEntries, readEntries, withFields } from './managed-entries.ts';
import type { ManagedEntry, ManagerId } from './managed-entries.ts';
import { entryInOwnVersion, entryInVersion } from './versions.ts';

/** What a write is about. */
export interface ManagedResource {
  info: Pick<KindInfo, 'kind' | 'group' | 'version' | 'schema' | 'otherVersion'>;
  /** '' for the object itself. */
  subresource: string;
  /** Fields that this resource ignores: nobody comes to own them through it. */
  resetFields: OptionalFieldSet;
}

export interface Writer {
  manager: string;
  /** `v1` or `coordination.k8s.io/v1`. */
  apiVersion: string;
  /** RFC 3339. */
  time: string;
}

export interface Application {
  /** What the object is to be, without its managed fields; the live object itself where nothing changes. */
  object: Record<string, unknown>;
  managedFields: ManagedFieldsEntry[];
}

/** Fields that say which object it is or that only the server writes: they have no owner. */
const unowned = fieldSetOf([
  ['apiVersion'], ['kind'], ['metadata'],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion'].map((field) => ['metadata', field]),
]);

const beforeFirstApply = 'before-first-apply';
const noChanges: FieldChanges = { added: undefined, modified: undefined, removed: undefined };

function idOf({ subresource }: ManagedResource, { manager, apiVersion }: Writer, operation: 'Apply' | 'Update'): ManagerId {
  return { manager: manager || 'unknown', operation, apiVersion, subresource };
}

/** The structs and texts that Kubernetes holds by value: they are there without anything in them. */
function valuesHeld({ 'x-podling-defaults': defaults = {}, properties }: SchemaNode): Record<string, unknown> {
  const held = Object.entries(defaults).filter(([, value]) => typeof value === 'object' || value === '');
  return Object.fromEntries(held.map(([name, value]) => [name, value === '' ? '' : valuesHeld(properties?.[name] ?? {})]));
}

const emptyObjects = new WeakMap<object, object>();

/** What an object is before anything is in it. */
function emptyObject({ info: { schema } }: ManagedResource): object {
  const known = emptyObjects.get(schema);
  if (known) return known;
  const empty = decode(schema, valuesHeld(asSchema(schema))).object as object;
  emptyObjects.set(schema, empty);
  return empty;
}

function withoutManagedFields<T extends object>(object: T): T {
  if (!('metadata' in object) || typeof object.metadata !== 'object' || object.metadata === null) return object;
  const { managedFields: _, ...metadata } = object.metadata as Record<string, unknown>;
  return { ...object, metadata };
}

function compare({ info: { schema }, resetFields }: ManagedResource, before: object, after: object): FieldChanges {
  const changes = compareFields(asSchema(schema), withoutManagedFields(before), withoutManagedFields(after));
  if (!changes) return noChanges;
  const { added, modified, removed } = changes;
  return {
    added: differenceBelow(added, resetFields), modified: differenceBelow(modified, resetFields), removed: differenceBelow(removed, resetFields),
  };
}

/** The entries of the others once these fields have changed hands or are gone; whoever owns nothing any more goes. */
function yieldFields(entries: readonly ManagedEntry[], changes: FieldChanges): ManagedEntry[] {
  const lost = union(changedFields(changes), changes.removed);
  return entries.map((entry) => withFields(entry, difference(entry.fields, lost))).filter(({ fields }) => fields !== undefined);
}

/** The writer keeps what it owns already: in the long run its set stays the very same. */
function addUpdate(entries: readonly ManagedEntry[], changes: FieldChanges, id: ManagerId, time: string): ManagedEntry[] {
  const fields = difference(changedFields(changes), unowned);
  if (fields === undefined) return yieldFields(entries, changes);
  const own = entries.find((entry) => identityOf(entry) === identityOf(id));
  const others = yieldFields(entries.filter((entry) => entry !== own), changes);
  const kept = difference(own?.fields, changes.removed);
  return [...others, withFields({ ...id, fields: own?.fields, time }, union(kept, fields))];
}

function encodeFor({ info }: ManagedResource, entries: readonly ManagedEntry[]): ManagedFieldsEntry[] {
  return encodeEntries(entries.map((entry) => entryInOwnVersion(info, entry)));
}

/** Whether a writer asks to forget who owns what: `[]` or `[{}]`. */
function isReset(sent: readonly ManagedFieldsEntry[] | undefined): boolean {
  const [first, second] = sent ?? [];
  return sent !== undefined && second === undefined && (first === undefined || Object.keys(first).length === 0);
}

/** Entries with all fields under the names of the request's version. */
function entriesFor(resource: ManagedResource, live: KubeObject | undefined, sent: readonly ManagedFieldsEntry[] | undefined): ManagedEntry[] {
  return trustedEntries(resource, live, sent).flatMap((entry) => entryInVersion(resource.info, entry));
}

/** A writer may hand in managed fields with the object itself; those that make no sense are as if not sent. */
function trustedEntries(resource: ManagedResource, live: KubeObject | undefined, sent: readonly ManagedFieldsEntry[] | undefined): ManagedEntry[] {
  const stored = live?.metadata.managedFields;
  if (resource.subresource !== '' || sent === undefined || isDeepStrictEqual(sent, stored)) return readEntries(stored);
  if (isReset(sent)) return [];
  try {
    const entries = parseEntries(sent);
    return entries.length === 0 ? readEntries(stored) : entries;
  } catch {
    return readEntries(stored);
  }
}

/**
 * Sets the managed fields of an object that is created (`live` undefined) or updated: what differs is the writer's from
 * now on. An object that has lost its managed fields has none until somebody applies to it.
 */
export function trackUpdate<T extends KubeObject>(resource: ManagedResource, writer: Writer, live: T | undefined, next: T): void {
  const entries = entriesFor(resource, live, next.metadata.managedFields);
  delete next.metadata.managedFields;
  if (live && entries.length === 0) return;
  const changes = compare(resource, live ?? emptyObject(resource), next);
  const managed = capManagers(addUpdate(entries, changes, idOf(resource, writer, 'Update'), writer.time));
  if (managed.length > 0) next.metadata.managedFields = encodeFor(resource, managed);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Throws 400 for what cannot be applied to any object of the kind. */
function checkConfig({ info }: ManagedResource, { apiVersion }: Writer, config: Record<string, unknown>): void {
  const { group, version, kind } = info;
  const sent = { apiVersion: textOf(config['apiVersion']), kind: textOf(config['kind']) };
  const [first = '', second] = sent.apiVersion.split('/', 2);
  const gvk = `${second === undefined ? `/${first}` : `${first}/${second}`}, Kind=${sent.kind}`;
  if (sent.apiVersion !== apiVersion || sent.kind !== kind) throw newBadRequest(`invalid object type: ${gvk}`);
  const metadata = (config['metadata'] ?? {}) as Record<string, unknown>;
  if ((metadata['managedFields'] ?? undefined) !== undefined) throw newBadRequest('metadata.managedFields must be nil');
  const faults = checkApplied(asSchema(info.schema), config);
  if (faults.length === 0) return;
  const name = [metadata['namespace'], metadata['name']].map(textOf).join('/');
  const text = faults.length === 1 ? faults[0] : ['errors:', ...faults.map((fault) => `  ${fault}`)].join('\n');
  throw newBadRequest(`failed to create typed patch object (${name}; ${group}/${version}, Kind=${kind}): ${text}`);
}

/** Who an object without managed fields belongs to, until the first apply has been there. */
function entriesBeforeApply(resource: ManagedResource, writer: Writer, live: KubeObject | undefined): ManagedEntry[] {
  const entries = entriesFor(resource, live, undefined);
  if (entries.length > 0 || !live) return entries;
  const id = idOf(resource, { ...writer, manager: beforeFirstApply }, 'Update');
  return addUpdate([], compare(resource, emptyObject(resource), live), id, writer.time);
}

function conflictsOf(entries: readonly ManagedEntry[], changes: FieldChanges): Conflict[] {
  const changed = changedFields(changes);
  return entries.map((entry) => ({ with: entry, fields: intersection(entry.fields, changed) })).filter(({ fields }) => fields !== undefined);
}

/** kubectl's own client-side apply is no other manager. */
function checkConflicts(resource: ManagedResource, writer: Writer, live: KubeObject | undefined, conflicts: readonly Conflict[]): void {
  if (conflicts.length === 0) return;
  const own = writer.manager === kubectlManager && live ? fieldsOfLastApplied(asSchema(resource.info.schema), live) : undefined;
  const left = conflicts.map((conflict) => ({ ...conflict, fields: difference(conflict.fields, own) })).filter(({ fields }) => fields !== undefined);
  if (left.length > 0) throw newApplyConflict(left);
}

function checkUid({ info }: ManagedResource, live: KubeObject | undefined, config: Record<string, unknown>): void {
  const { uid, name } = (config['metadata'] ?? {}) as Record<string, unknown>;
  if (!uid || uid === live?.metadata.uid) return;
  const message = `Invalid value: ${JSON.stringify(uid)}: field is immutable`;
  throw newInvalid(info, textOf(name) || (live?.metadata.name ?? ''), [{ field: 'metadata.uid', reason: 'FieldValueInvalid', message }]);
}

interface ApplyRequest {
  /** The parsed body, as it was sent. */
  config: Record<string, unknown>;
  force: boolean;
}

/**
 * The object once `config` has been applied to it (`live` undefined: to nothing), with who owns what. Fields that this
 * manager applied the last time and nobody owns now are gone. Throws 400 for a config that does not fit the kind, 409 for
 * fields that others own and that would change, unless forced. Upstream twin: structured-merge-diff's `Updater.Apply`.
 */
export function applyConfig(resource: ManagedResource, writer: Writer, live: KubeObject | undefined, { config, force }: ApplyRequest): Application {
  checkConfig(resource, writer, config);
  checkUid(resource, live, config);
  const schema = asSchema(resource.info.schema);
  const id = idOf(resource, writer, 'Apply');
  const entries = entriesBeforeApply(resource, writer, live);
  const last = entries.find((entry) => identityOf(entry) === identityOf(id));
  const others = entries.filter((entry) => entry !== last);
  const present = withoutManagedFields(live ?? emptyObject(resource));
  const fields = differenceBelow(fieldsOf(schema, config), resource.resetFields);
  const owned = others.reduce<OptionalFieldSet>((set, entry) => union(set, entry.fields), fields);
  const object = pruneFields(schema, mergeApplied(schema, present, config), { last: last?.fields, owned }) as Record<string, unknown>;
  const changes = compare(resource, present, object);
  if (!force) checkConflicts(resource, writer, live, conflictsOf(others, changes));
  const isSame = compareFields(schema, present, object) === undefined;
  const time = isSame ? last?.time : writer.time;
  const own = withFields({ ...id, time, fields: undefined }, difference(fields, unowned));
  const managed = [...yieldFields(others, changes), ...(own.fields === undefined ? [] : [own])];
  return { object, managedFields: encodeFor(resource, managed) };
}
