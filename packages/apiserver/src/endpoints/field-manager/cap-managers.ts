import { union } from '@podling/shared/field-set';
import { identityOf, withFields } from './managed-entries.ts';
import type { ManagedEntry } from './managed-entries.ts';

const maxUpdateManagers = 10;
const bucketName = 'ancient-changes';

function bucketOf({ apiVersion }: ManagedEntry): string {
  return identityOf({ manager: bucketName, operation: 'Update', apiVersion, subresource: '' });
}

/**
 * At most ten managers that update: the oldest of one version are merged into `ancient-changes`, so that an object written
 * by many programs does not grow without end.
 */
export function capManagers(entries: readonly ManagedEntry[]): ManagedEntry[] {
  const updaters = entries.filter(({ operation }) => operation === 'Update');
  let excess = updaters.length - maxUpdateManagers;
  if (excess <= 0) return [...entries];
  const left = new Map(entries.map((entry) => [identityOf(entry), entry]));
  const oldest = new Map<string, ManagedEntry>();
  const byAge = updaters.toSorted((a, b) => compareText(a.time ?? '', b.time ?? '') || compareText(identityOf(a), identityOf(b)));
  for (const entry of byAge) {
    if (excess <= 0) break;
    const first = oldest.get(entry.apiVersion);
    if (!first) {
      oldest.set(entry.apiVersion, entry);
      continue;
    }
    merge(left, first, entry);
    excess -= 1;
  }
  return [...left.values()];
}

function merge(left: Map<string, ManagedEntry>, first: ManagedEntry, entry: ManagedEntry): void {
  const key = bucketOf(entry);
  const bucket = left.get(key) ?? first;
  if (!left.has(key)) left.delete(identityOf(first));
  left.delete(identityOf(entry));
  left.set(key, withFields({ ...bucket, manager: bucketName, subresource: '', time: entry.time }, union(bucket.fields, entry.fields)));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
