import type { Namespace } from '../namespace.ts';

/** Every namespace carries its name as a label, and a phase. */
export function defaultNamespace(namespace: Namespace): Namespace {
  const { metadata, status } = namespace;
  const labels = metadata.name === '' ? metadata.labels : { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  return {
    ...namespace,
    metadata: { ...metadata, ...(labels ? { labels } : {}) },
    status: { ...status, phase: status?.phase ?? 'Active' },
  };
}
