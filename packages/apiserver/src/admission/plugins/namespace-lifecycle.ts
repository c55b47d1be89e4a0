import { isNotFound, newForbidden, newNotFound } from '@podling/shared/api';
import { namespaceKind } from '@podling/shared/scheme';
import { requireActive } from '../../registry/namespace/require-active.ts';
import type { NamespaceLookup } from '../../registry/namespace/require-active.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

const immortal = new Set(['default', 'kube-system', 'kube-public']);

async function checkNamespace(namespaces: Pick<NamespaceLookup, 'get'>, { resource, namespace, name }: AdmissionRequest): Promise<void> {
  const found = await namespaces.get(namespace).catch((error: unknown) => {
    throw isNotFound(error) ? newNotFound(namespaceKind, namespace) : error;
  });
  requireActive(found, resource, name);
}

/** Nothing is created in a namespace that does not exist or is going, and the namespaces that all else needs stay. */
export function createNamespaceLifecycle(namespaces: Pick<NamespaceLookup, 'get'>): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    async admit(request) {
      const { operation, resource, namespace, name, subresource } = request;
      if (operation === 'DELETE' && resource.kind === 'Namespace' && immortal.has(name)) {
        throw newForbidden(resource, name, 'this namespace may not be deleted');
      }
      if (operation === 'CREATE' && resource.namespaced && namespace !== '' && subresource === '') await checkNamespace(namespaces, request);
    },
  };
}
