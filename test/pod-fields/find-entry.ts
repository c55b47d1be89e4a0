import type { FieldEntry } from './field-entry.ts';

/** The entry of the field itself, or of the nearest struct around it. */
export function findEntry(entries: Readonly<Record<string, FieldEntry>>, path: string): [string, FieldEntry] | undefined {
  for (let name = path; name !== ''; name = name.slice(0, Math.max(name.lastIndexOf('.'), 0))) {
    const entry = entries[name];
    if (entry) return [name, entry];
  }
  return undefined;
}
