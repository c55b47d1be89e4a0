import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isQualifiedName } from '../names.ts';
import type { Namespace } from '../namespace.ts';
import { check, eachOf, invalid } from './field-errors.ts';
import { checkKubeFinalizer, validateMeta, validateMetaUpdate } from './object-meta.ts';

export function validateNamespace(namespace: Namespace): FieldError[] {
  const path = 'spec.finalizers';
  return [
    ...validateMeta(namespace.metadata, { namespaced: false, name: isDNS1123Label }),
    ...eachOf(namespace.spec?.finalizers, path, (finalizer) => checkFinalizer(finalizer, path)),
  ];
}

function checkFinalizer(finalizer: string, path: string): FieldError[] {
  return [...check(path, finalizer, isQualifiedName), ...checkKubeFinalizer(finalizer, path)];
}

export function validateNamespaceUpdate(next: Namespace, previous: Namespace): FieldError[] {
  return validateMetaUpdate(next.metadata, previous.metadata);
}

/** The phase follows from the deletion and nothing else. */
export function validateNamespaceStatusUpdate(next: Namespace, previous: Namespace): FieldError[] {
  const [phase, when] = next.metadata.deletionTimestamp ? ['Terminating', 'is not empty'] : ['Active', 'is empty'];
  const given = next.status?.phase ?? '';
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...(given === phase ? [] : [invalid('status.Phase', given, `may only be '${phase}' if \`deletionTimestamp\` ${when}`)]),
  ];
}

/** For `/finalize`. */
export function validateNamespaceFinalize(next: Namespace, previous: Namespace): FieldError[] {
  return [...validateMetaUpdate(next.metadata, previous.metadata), ...eachOf(next.spec?.finalizers, 'spec.finalizers', checkFinalizer)];
}
