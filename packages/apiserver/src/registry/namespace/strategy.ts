import type { Namespace } from '@podling/shared/api';
import { namespaceKind, validateNamespaceFinalize } from '@podling/shared/scheme';
import { specFields, statusFields } from '../rest/reset-fields.ts';
import type { Strategy } from '../rest/strategy.ts';

const contentFinalizer = 'kubernetes';

const common = {
  kind: namespaceKind,
  allowsUnconditionalUpdate: true,
  returnsDeletedObject: true,
  selectableFields: (namespace: Namespace) => ({ 'status.phase': namespace.status?.phase ?? '', name: namespace.metadata.name }),
  isHeld: (namespace: Namespace) => (namespace.spec?.finalizers ?? []).length > 0,
  prepareForCreate(namespace: Namespace) {
    namespace.status = { phase: 'Active' };
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { finalizers: finalizers.includes(contentFinalizer) ? finalizers : [...finalizers, contentFinalizer] };
    namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': namespace.metadata.name };
  },
  prepareForDelete(namespace: Namespace) {
    namespace.status = { ...namespace.status, phase: 'Terminating' as const };
    // It goes when its content has gone, whenever that is.
    delete namespace.metadata.deletionGracePeriodSeconds;
  },
};

function keepSpec(namespace: Namespace, old: Namespace): void {
  if (old.spec === undefined) delete namespace.spec;
  else namespace.spec = old.spec;
}

export const namespaceStrategy: Strategy<Namespace> = {
  ...common,
  resetFields: statusFields,
  prepareForUpdate(namespace, old) {
    keepSpec(namespace, old);
    if (old.status === undefined) delete namespace.status;
    else namespace.status = old.status;
    namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': old.metadata.name };
  },
  validateUpdate: namespaceKind.validateUpdate,
};

export const namespaceStatusStrategy: Strategy<Namespace> = {
  ...common,
  resetFields: specFields,
  prepareForUpdate(namespace, old) {
    keepSpec(namespace, old);
  },
  validateUpdate: namespaceKind.validateStatusUpdate,
};

/** Takes `spec.finalizers` alone: who has cleaned up removes its own, and the last one to go takes the namespace along. */
export const namespaceFinalizeStrategy: Strategy<Namespace> = {
  ...common,
  resetFields: statusFields,
  prepareForUpdate(namespace, old) {
    if (old.status === undefined) delete namespace.status;
    else namespace.status = old.status;
  },
  validateUpdate: validateNamespaceFinalize,
};
