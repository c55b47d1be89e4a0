import { newBadRequest, newConflict, newInvalid } from '@podling/shared/api';
import type { KubeObject, ObjectMeta } from '@podling/shared/api';
import { objectKey } from '../../storage/keys.ts';
import type { Strategy } from './strategy.ts';

const modifiedMessage = 'the object has been modified; please apply your changes to the latest version and try again';

/** Metadata that the server owns: taken from the old object whatever the writer sent. */
const serverOwned = ['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generation', 'selfLink'] as const;

function checkResourceVersion<T extends KubeObject>(strategy: Strategy<T>, sent: ObjectMeta, old: ObjectMeta): void {
  if (!sent.resourceVersion || sent.resourceVersion === '0') {
    if (strategy.allowsUnconditionalUpdate) return;
    const { group, resource } = strategy.kind;
    throw newInvalid({ group, kind: resource }, old.name, [
      { field: 'metadata.resourceVersion', reason: 'FieldValueInvalid', message: 'Invalid value: 0: must be specified for an update' },
    ]);
  }
  if (sent.resourceVersion !== old.resourceVersion) throw newConflict(strategy.kind, old.name, modifiedMessage);
}

/** A uid in the object is a precondition: it names the object that the writer meant. */
function checkUid<T extends KubeObject>(strategy: Strategy<T>, sent: ObjectMeta, old: ObjectMeta): void {
  if (!sent.uid || sent.uid === old.uid) return;
  const key = objectKey(strategy.kind.resource, old.namespace ?? '', old.name);
  const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${sent.uid}, UID in object meta: ${old.uid ?? ''}`;
  throw newConflict(strategy.kind, old.name, why);
}

function checkIdentity(sent: ObjectMeta, old: ObjectMeta): void {
  if (sent.name === '') throw newBadRequest(`the name of the object (${old.name} based on URL) was undeterminable: name must be provided`);
  if (sent.name !== old.name) {
    throw newBadRequest(`the name of the object (${sent.name}) does not match the name on the URL (${old.name})`);
  }
  if ((sent.namespace ?? '') !== (old.namespace ?? '')) {
    throw newBadRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

function carryServerOwned(next: ObjectMeta, old: ObjectMeta): void {
  const target = next as unknown as Record<string, unknown>;
  for (const field of serverOwned) {
    if (old[field] === undefined) delete target[field];
    else target[field] = old[field];
  }
  if (old.uid !== undefined) next.uid = old.uid;
}

/**
 * Checks preconditions, restores what the server owns and what the endpoint may not change, then validates.
 * `next` is the caller's own copy. Throws 409 for a stale resourceVersion or another uid, 422 with every cause.
 * Upstream twin: `rest.BeforeUpdate`.
 */
export function beforeUpdate<T extends KubeObject>(strategy: Strategy<T>, next: T, old: T): void {
  if (strategy.kind.namespaced) next.metadata.namespace ??= old.metadata.namespace ?? '';
  else delete next.metadata.namespace;
  checkIdentity(next.metadata, old.metadata);
  checkUid(strategy, next.metadata, old.metadata);
  checkResourceVersion(strategy, next.metadata, old.metadata);
  carryServerOwned(next.metadata, old.metadata);
  const { managedFields } = next.metadata;
  strategy.prepareForUpdate(next, old);
  if (managedFields) next.metadata.managedFields = managedFields;
  else delete next.metadata.managedFields;
  const errors = strategy.validateUpdate(next, old);
  if (errors.length > 0) throw newInvalid(strategy.kind, old.metadata.name, errors);
}
