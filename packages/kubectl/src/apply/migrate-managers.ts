import type { AnyObject } from '../resource/object.ts';

interface ManagedFields {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  subresource?: string;
  fieldsV1?: FieldTree;
}

interface FieldTree {
  [path: string]: FieldTree;
}

export interface JsonOperation {
  op: 'replace';
  path: string;
  value: unknown;
}

const union = (a: FieldTree, b: FieldTree): FieldTree => {
  const merged = { ...a };
  for (const [path, below] of Object.entries(b)) merged[path] = union(a[path] ?? {}, below);
  return merged;
};

/**
 * Gives what client-side apply owned to the server-side manager, so that the next apply can remove it: a JSON patch, or
 * undefined when client-side apply owns nothing. KEP-555.
 */
export function migrateManagers({ metadata }: AnyObject, from: string, to: string): JsonOperation[] | undefined {
  const entries = (metadata?.managedFields ?? []) as ManagedFields[];
  const isOld = ({ manager, operation, subresource = '' }: ManagedFields): boolean => manager === from && operation === 'Update' && subresource === '';
  const old = entries.filter(isOld);
  if (old.length === 0) return undefined;
  const kept = entries.filter((entry) => !isOld(entry));
  const value = kept.map((entry) => {
    const mine = entry.manager === to && entry.operation === 'Apply' && (entry.subresource ?? '') === '';
    const same = old.filter(({ apiVersion }) => apiVersion === entry.apiVersion);
    return mine ? { ...entry, fieldsV1: same.reduce((fields, { fieldsV1 = {} }) => union(fields, fieldsV1), entry.fieldsV1 ?? {}) } : entry;
  });
  return [
    { op: 'replace', path: '/metadata/managedFields', value },
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata?.resourceVersion },
  ];
}
