import { ApiStatusError, newForbidden } from '@podling/shared/api';
import type { GroupResource, Namespace } from '@podling/shared/api';

export interface NamespaceLookup {
  /** From memory if it can be, from the store if it must. Shared. Rejects with 404. */
  get(name: string): Promise<Namespace>;
  /** From the store, past what is remembered. Rejects with 404. */
  read(name: string): Promise<Namespace>;
}

/** Throws 403 where `name` is to be made in a namespace that is going. */
export function requireActive({ metadata }: Namespace, resource: GroupResource, name: string): void {
  if (!metadata.deletionTimestamp) return;
  const { status } = newForbidden(resource, name, `unable to create new content in namespace ${metadata.name} because it is being terminated`);
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${metadata.name} is being terminated`, field: 'metadata.namespace' };
  throw new ApiStatusError({ ...status, details: { ...status.details, causes: [cause] } });
}
