import type { ManagedFieldsEntry } from '@podling/shared/api';
import { equalFieldSets, parseFieldSet, sortFieldSet } from '@podling/shared/field-set';
import type { FieldSet, OptionalFieldSet } from '@podling/shared/field-set';

/** Whose fields: appliers are the same in every version of the API. */
export interface ManagerId {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  /** '' for the object itself. */
  subresource: string;
}

/** One manager with its fields. `time` is of its last change. */
export interface ManagedEntry extends ManagerId {
  time: string | undefined;
  fields: OptionalFieldSet;
}

/** A text that is the same for the same manager; Kubernetes orders what is of one time by it. */
export function identityOf({ manager, operation, apiVersion, subresource }: ManagerId): string {
  return JSON.stringify({
    ...(manager && { manager }), operation, ...(operation === 'Update' && { apiVersion }), ...(subresource && { subresource }),
  });
}

function decodeEntry(entry: ManagedFieldsEntry, fields: OptionalFieldSet): ManagedEntry {
  const { manager = '', operation, apiVersion = '', subresource = '', fieldsType, time } = entry;
  if (operation !== 'Apply' && operation !== 'Update') throw new Error('operation must be `Apply` or `Update`');
  if (apiVersion === '') throw new Error('apiVersion must not be empty');
  if (fieldsType !== 'FieldsV1') throw new Error(`invalid fieldsType ${JSON.stringify(fieldsType)}`);
  return { manager, operation, apiVersion, subresource, time, fields };
}

function sortedFields({ fieldsV1 = {} }: ManagedFieldsEntry): OptionalFieldSet {
  const fields = parseFieldSet(fieldsV1);
  return fields && sortFieldSet(fields);
}

/** Managed fields that came from outside: the last entry of a manager counts. Throws an Error for what is malformed. */
export function parseEntries(sent: readonly ManagedFieldsEntry[]): ManagedEntry[] {
  const entries = sent.map((entry) => decodeEntry(entry, sortedFields(entry)));
  return [...new Map(entries.map((entry) => [identityOf(entry), entry])).values()];
}

/** Managed fields that we have written ourselves: their sets are used as they are. */
export function readEntries(stored: readonly ManagedFieldsEntry[] = []): ManagedEntry[] {
  return stored.map((entry) => decodeEntry(entry, entry.fieldsV1 as FieldSet));
}

/** `fieldsV1` of an entry is the very set, which nobody changes. */
export function encodeEntries(entries: readonly ManagedEntry[]): ManagedFieldsEntry[] {
  return entries.toSorted(compareEntries).map(({ manager, operation, apiVersion, time, fields = {}, subresource }) => ({
    ...(manager && { manager }), operation, apiVersion, ...(time !== undefined && { time }), fieldsType: 'FieldsV1',
    fieldsV1: fields as Record<string, unknown>, ...(subresource && { subresource }),
  }));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Kubernetes' order: appliers first, then by time, manager, version and subresource. */
function compareEntries(a: ManagedEntry, b: ManagedEntry): number {
  return compareText(a.operation, b.operation) || compareText(a.time ?? '', b.time ?? '') || compareText(a.manager, b.manager)
    || compareText(a.apiVersion, b.apiVersion) || compareText(a.subresource, b.subresource);
}

/** The entry with other fields, in canonical order; the very entry where they are the same. */
export function withFields(entry: ManagedEntry, fields: OptionalFieldSet): ManagedEntry {
  if (equalFieldSets(entry.fields, fields)) return entry;
  return { ...entry, fields: fields && sortFieldSet(fields) };
}
