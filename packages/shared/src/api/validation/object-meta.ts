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
export function validateMeta(meta: ObjectMeta, rules: MetaRules): FieldError[] {
  return [...validateAnyMeta(meta, rules), ...validateKubeFinalizers(meta.finalizers)];
}

/** As {@link validateMeta}, for what is not of the core group. */
export function validateAnyMeta(meta: ObjectMeta, { namespaced, name = isDNS1123Subdomain }: MetaRules): FieldError[] {
  return [
    ...checkGenerateName(meta.generateName, name),
    ...(meta.name === '' ? [required('metadata.name', 'name or generateName is required')] : check('metadata.name', meta.name, name)),
    ...validateNamespace(meta.namespace, namespaced),
    ...checkNonNegative('metadata.generation', meta.generation),
    ...validateCommon(meta),
    ...validateFinalizers(meta.finalizers),
    ...validateManagedFields(meta.managedFields),
  ];
}

function validateFinalizers(finalizers: string[] | undefined): FieldError[] {
  const path = 'metadata.finalizers';
  const errors = eachOf(finalizers, path, (finalizer) => check(path, finalizer, isQualifiedName));
  const isTorn = finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion');
  return isTorn ? [...errors, invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set')] : errors;
}

const ownFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** Whose finalizer it is must be clear from its name. */
export function checkKubeFinalizer(finalizer: string, path: string): FieldError[] {
  if (finalizer.includes('/') || ownFinalizers.has(finalizer)) return [];
  return [invalid(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')];
}

/** The kinds of the core group ask for more of a finalizer's name than the others do. */
function validateKubeFinalizers(finalizers: string[] | undefined): FieldError[] {
  return eachOf(finalizers, 'metadata.finalizers', checkKubeFinalizer);
}

const MAX_MANAGER_BYTES = 128;
const MAX_SUBRESOURCE_BYTES = 256;

function validateManagedFields(entries: ObjectMeta['managedFields']): FieldError[] {
  return eachOf(entries, 'metadata.managedFields', ({ operation, fieldsType, manager = '', subresource = '' }, path) => [
    ...(operation === 'Apply' || operation === 'Update' ? [] : [invalid(`${path}.operation`, operation ?? '', 'must be `Apply` or `Update`')]),
    ...(fieldsType && fieldsType !== 'FieldsV1' ? [invalid(`${path}.fieldsType`, fieldsType, 'must be `FieldsV1`')] : []),
    ...(Buffer.byteLength(manager) > MAX_MANAGER_BYTES ? [tooLong(`${path}.manager`, MAX_MANAGER_BYTES)] : []),
    ...(Buffer.byteLength(subresource) > MAX_SUBRESOURCE_BYTES ? [tooLong(`${path}.subresource`, MAX_SUBRESOURCE_BYTES)] : []),
  ]);
}

/** A generated name goes on after its prefix, so a trailing hyphen is fine. */
function checkGenerateName(prefix: string | undefined, name: NameCheck): FieldError[] {
  if (!prefix) return [];
  const stem = prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix;
  return name(stem).map((reason) => invalid('metadata.generateName', prefix, reason));
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

/** The version of `v1` or `apps/v1`; undefined for what is neither. */
function versionOf(apiVersion: string): string | undefined {
  const [first, second, ...rest] = apiVersion.split('/');
  return rest.length > 0 ? undefined : (second ?? first);
}

function validateOwnerReferences(owners: OwnerReference[] | undefined, path: string): FieldError[] {
  let controller: string | undefined;
  return eachOf(owners, path, (owner) => {
    const errors = validateOwnerReference(owner, path);
    if (!owner.controller) return errors;
    const name = `${owner.kind}/${owner.name}`;
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`;
    if (controller !== undefined) return [...errors, invalid(path, owners, detail)];
    controller = name;
    return errors;
  });
}

function validateOwnerReference(owner: OwnerReference, path: string): FieldError[] {
  const { apiVersion, kind } = owner;
  const isEvent = apiVersion === 'v1' && kind === 'Event';
  return [
    ...(versionOf(apiVersion) ? [] : [invalid(`${path}.apiVersion`, apiVersion, 'version must not be empty')]),
    ...(['kind', 'name', 'uid'] as const).filter((key) => owner[key] === '').map((key) => invalid(`${path}.${key}`, '', 'must not be empty')),
    ...(isEvent ? [invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner')] : []),
  ];
}

/** Rules of an update. The server's own fields may be absent in `next`, which means unchanged. */
export function validateMetaUpdate(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  return [...validateAnyMetaUpdate(next, previous), ...validateKubeFinalizers(next.finalizers)];
}

/** As {@link validateMetaUpdate}, for what is not of the core group. */
export function validateAnyMetaUpdate(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  const serverFields = ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;
  const immutable = [
    ...(['name', 'namespace'] as const).filter((key) => (next[key] ?? '') !== (previous[key] ?? '')),
    ...serverFields.filter((key) => next[key] !== undefined && !equalJson(next[key], previous[key])),
  ];
  return [
    ...validateNewFinalizers(next, previous),
    ...immutable.map((key) => invalid(`metadata.${key}`, next[key], IMMUTABLE)),
    ...validateCommon(next),
    ...validateManagedFields(next.managedFields),
  ];
}

function validateNewFinalizers(next: ObjectMeta, previous: ObjectMeta): FieldError[] {
  if (!previous.deletionTimestamp) return [];
  const known = new Set(previous.finalizers);
  const added = [...new Set(next.finalizers)].filter((finalizer) => !known.has(finalizer)).toSorted();
  if (added.length === 0) return [];
  const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`;
  return [forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`)];
}

export function immutableField(field: string, next: unknown, previous: unknown): FieldError[] {
  return equalJson(next, previous) ? [] : [invalid(field, next, IMMUTABLE)];
}
