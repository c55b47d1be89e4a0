import type { Static } from 'typebox';
import { anyObject, boolean, int64, keepEmpty, list, mergeList, mergeSet, model, named, oneOf, string, stringMap, time, unlisted } from './schema.ts';

export const OwnerReferenceSchema = model(
  'meta.v1.OwnerReference',
  { apiVersion: string, kind: string, name: string, uid: string },
  { controller: keepEmpty(boolean), blockOwnerDeletion: keepEmpty(boolean) },
  { mapType: 'atomic' },
);
export interface OwnerReference extends Static<typeof OwnerReferenceSchema> {}

const fieldSet = named<Record<string, unknown>>({ ...anyObject, 'x-podling-model': 'meta.v1.FieldsV1' });

export const ManagedFieldsEntrySchema = model(
  'meta.v1.ManagedFieldsEntry',
  {},
  {
    manager: string,
    operation: unlisted(oneOf('Apply', 'Update')),
    apiVersion: string,
    time,
    fieldsType: string,
    fieldsV1: fieldSet,
    subresource: string,
  },
);
export interface ManagedFieldsEntry extends Static<typeof ManagedFieldsEntrySchema> {}

const optionalMeta = {
  generateName: string,
  namespace: string,
  selfLink: string,
  uid: string,
  resourceVersion: string,
  generation: int64,
  creationTimestamp: time,
  deletionTimestamp: time,
  deletionGracePeriodSeconds: keepEmpty(int64),
  labels: stringMap,
  annotations: stringMap,
  ownerReferences: mergeList(OwnerReferenceSchema, 'uid'),
  finalizers: mergeSet(string),
  managedFields: keepEmpty(list(ManagedFieldsEntrySchema)),
};

export const ObjectMetaSchema = model('meta.v1.ObjectMeta', { name: string }, optionalMeta, { implied: ['name'] });
export interface ObjectMeta extends Static<typeof ObjectMetaSchema> {}

/** Metadata of a template, which needs no name. */
export const TemplateMetaSchema = model('meta.v1.ObjectMeta', {}, { name: string, ...optionalMeta });
export interface TemplateMeta extends Static<typeof TemplateMetaSchema> {}

export const ListMetaSchema = model('meta.v1.ListMeta', {}, { selfLink: string, resourceVersion: string, continue: string, remainingItemCount: int64 });
export interface ListMeta extends Static<typeof ListMetaSchema> {}

/** The two fields every object and list opens with. */
export const typeMeta = { apiVersion: string, kind: string };

export const LabelSelectorRequirementSchema = model(
  'meta.v1.LabelSelectorRequirement',
  { key: string, operator: unlisted(oneOf('In', 'NotIn', 'Exists', 'DoesNotExist')) },
  { values: list(string) },
);
export interface LabelSelectorRequirement extends Static<typeof LabelSelectorRequirementSchema> {}

export const LabelSelectorSchema = model('meta.v1.LabelSelector', {}, { matchLabels: stringMap, matchExpressions: list(LabelSelectorRequirementSchema) }, { mapType: 'atomic' });
export interface LabelSelector extends Static<typeof LabelSelectorSchema> {}
