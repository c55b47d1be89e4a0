import { renameFields } from '@podling/shared/field-set';
import { apiVersionOf } from '@podling/shared/scheme';
import type { KindInfo } from '@podling/shared/scheme';
import type { ManagedEntry } from './managed-entries.ts';

type Versioned = Pick<KindInfo, 'group' | 'version' | 'otherVersion'>;

/** An entry with its fields under the names of this version; nothing for one of a version that there is not. */
export function entryInVersion(info: Versioned, entry: ManagedEntry): ManagedEntry[] {
  if (entry.apiVersion === apiVersionOf(info)) return [entry];
  if (entry.apiVersion !== info.otherVersion?.apiVersion) return [];
  const names = new Map([...info.otherVersion.names].map(([here, there]) => [there, here]));
  return [{ ...entry, fields: renameFields(entry.fields, names) }];
}

/** The way back: an entry names its fields as its own version does. */
export function entryInOwnVersion(info: Versioned, entry: ManagedEntry): ManagedEntry {
  if (entry.apiVersion === apiVersionOf(info) || !info.otherVersion) return entry;
  return { ...entry, fields: renameFields(entry.fields, info.otherVersion.names) };
}
