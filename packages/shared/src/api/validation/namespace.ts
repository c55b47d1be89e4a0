import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isQualifiedName } from '../names.ts';
import type { Namespace } from '../namespace.ts';
import { check, eachOf } from './field-errors.ts';
import { validateMeta, validateMetaUpdate } from './object-meta.ts';

export function validateNamespace(namespace: Namespace): FieldError[] {
  return [
    ...validateMeta(namespace.metadata, { namespaced: false, name: isDNS1123Label }),
    ...eachOf(namespace.spec?.finalizers, 'spec.finalizers', (finalizer) => check('spec.finalizers', finalizer, isQualifiedName)),
  ];
}

export function validateNamespaceUpdate(next: Namespace, previous: Namespace): FieldError[] {
  return validateMetaUpdate(next.metadata, previous.metadata);
}
