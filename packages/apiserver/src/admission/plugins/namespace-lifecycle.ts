import { ApiStatusError, isNotFound, newForbidden, newNotFound } from '@podling/shared/api';
import type { Namespace } from '@podling/shared/api';
import { namespaceKind } from '@podling/shared/scheme';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

/** Reads a namespace from memory if it can, from the store if it must. Rejects with 404. */
export interface NamespaceLookup {
  get(name: string): Promise<Namespace>;
}

const immortal = new Set(['default', 'kube-system', 'kube-public']);

function refuseContent({ resource, namespace, name }: AdmissionRequest): never {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { status } = newForbidden(resource, name, why);
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' };
  throw new ApiStatusError({ ...status, details: { ...status.details, causes: [cause] } });
}

async function requireActive(namespaces: NamespaceLookup, request: AdmissionRequest): Promise<void> {
  const namespace = await namespaces.get(request.namespace).catch((error: unknown) => {
    throw isNotFound(error) ? newNotFound(namespaceKind, request.namespace) : error;
  });
  if (namespace.metadata.deletionTimestamp) refuseContent(request);
}

/** Nothing is created in a namespace that does not exist or is going, and the namespaces that all else needs stay. */
export function createNamespaceLifecycle(namespaces: NamespaceLookup): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    async admit(request) {
      const { operation, resource, namespace, name, subresource } = request;
      if (operation === 'DELETE' && resource.kind === 'Namespace' && immortal.has(name)) {
        throw newForbidden(resource, name, 'this namespace may not be deleted');
      }
      if (operation === 'CREATE' && resource.namespaced && namespace !== '' && subresource === '') await requireActive(namespaces, request);
    },
  };
}
