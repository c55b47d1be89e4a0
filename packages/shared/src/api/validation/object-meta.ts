import type { FieldError } from '../errors.ts';
import { equalJson } from '../json.ts';
import { isDNS1123Label, isDNS1123Subdomain, isLabelValue, isQualifiedName, type NameCheck } from '../names.ts';
import type { ObjectMeta, OwnerReference } from '../object-meta.ts';
import { check, checkNonNegative, checkRequired, eachOf, forbidden, invalid, required, tooLong } from './field-errors.ts';

const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;
const IMMUTABLE = 'field is immutable';

interface MetaRules {
  namespaced: boolean;
  /** Default: a DNS subdomain. */
  name?: NameCheck;
}

/** The rules every object's metadata follows. The name is there by now, generated or given. */
export function validateMeta(meta: ObjectMeta, { namespaced, name = isDNS1123Subdomain }: MetaRules): FieldError[] {
  return [
    ...checkGenerateName(meta.generateName, name),
    ...(meta.name === '' ? [required('metadata.name', 'name or generateName is required')] : check('metadata.name', meta.name, name)),
    ...validateNamespace(meta.namespace, namespaced),
    ...checkNonNegative('metadata.generation', meta.generation),
    ...validateCommon(meta),
    ...eachOf(meta.finalizers, 'metadata.finalizers', (finalizer) => check('metadata.finalizers', finalizer, isQualifiedName)),
  ];
}

/** A generated name ends in other characters than its prefix, so a trailing hyphen or dot is fine. */
function checkGenerateName(prefix: string | undefined, name: NameCheck): FieldError[] {
  if (!prefix) return [];
  return name(prefix.replace(/[-.]$/, 'a')).map((reason) => invalid('metadata.generateName', prefix, reason));
}

function validateNamespace(namespace: string | undefined, namespaced: boolean): FieldError[] {
  if (namespaced) return checkRequired('metadata.namespace', namespace, isDNS1123Label);
  return namespace ? [forbidden('metadata.namespace', 'not allowed on this type')] : [];
}

function validateCommon(meta: ObjectMeta): FieldError[] {
  return [
    ...validateLabels(meta.labels, 'metadata.labels'),
    ...validateAnnotations(meta.annotations, 'metadata.annotations'),
    ...validateOwnerReferences(meta.ownerReferences, 'metadata.ownerReferences'),
  ];
}

/** Label keys and values; also a node selector. */
export function validateLabels(labels: Record<string, string> | undefined, path: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [...check(path, key, isQualifiedName), ...check(path, value, isLabelValue)]);
}

export function validateAnnotations(annotations: Record<string, string> | undefined, path: string): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const errors = entries.flatMap(([key]) => isQualifiedName(key.toLowerCase()).map((reason) => invalid(path, key, reason)));
  const size = entries.reduce((total, [key, value]) => total + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return size > ANNOTATIONS_LIMIT_BYTES ? [...errors, tooLong(path, ANNOTATIONS_LIMIT_BYTES)] : errors;
}

function validateOwnerReferences(owners: OwnerReference[] | undefined, path: string): FieldError[] {
  const errors = eachOf(owners, path, (owner) =>
    (['apiVersion', 'kind', 'name', 'uid'] as const)
      .filter((key) => owner[key] === '')
      .map((key) => invalid(`${path}.${key}`, '', key === 'apiVersion' ? 'version must not be empty' : 'must not be empty')),
  );
  const [first, second] = (owners ?? []).filter((owner) => owner.controller).map(({ kind, name }) => `${kind}/${name}`);
  if (second === undefined) return errors;
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`;
  return [...errors, invalid(path, owners, detail)];
}

/** Rules of an update. The server's own fields may be absent in `next`, which means unchanged. */
export function validateMetaUpdate(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  const serverFields = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;
  const immutable = [
    ...(['name', 'namespace'] as const).filter((key) => (next[key] ?? '') !== (previous[key] ?? '')),
    ...serverFields.filter((key) => next[key] !== undefined && !equalJson(next[key], previous[key])),
  ];
  return [
    ...validateNewFinalizers(next, previous),
    ...immutable.map((key) => invalid(`metadata.${key}`, next[key], IMMUTABLE)),
    ...validateCommon(next),
  ];
}

function validateNewFinalizers(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  const known = new Set(previous.finalizers);
  const added = (next.finalizers ?? []).filter((finalizer) => !known.has(finalizer));
  if (added.length === 0) return [];
  if (!previous.deletionTimestamp) return added.flatMap((finalizer) => check('metadata.finalizers', finalizer, isQualifiedName));
  const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`;
  return [forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`)];
}

export function immutableField(field: string, next: unknown, previous: unknown): FieldError[] {
  return equalJson(next, previous) ? [] : [invalid(field, next, IMMUTABLE)];
}
