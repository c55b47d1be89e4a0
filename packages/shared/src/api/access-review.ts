import type { Static } from 'typebox';
import { LabelSelectorRequirementSchema, ObjectMetaSchema, typeMeta, type LabelSelectorRequirement, type ObjectMeta } from './object-meta.ts';
import { boolean, list, model, named, string } from './schema.ts';
import { extraValues } from './user-info.ts';

export const FieldSelectorRequirementSchema = model('meta.v1.FieldSelectorRequirement', { key: string, operator: string }, { values: list(string) });
export interface FieldSelectorRequirement extends Static<typeof FieldSelectorRequirementSchema> {}

export const FieldSelectorAttributesSchema = model(
  'authorization.v1.FieldSelectorAttributes',
  {},
  { rawSelector: string, requirements: list(named<FieldSelectorRequirement>(FieldSelectorRequirementSchema)) },
);
export interface FieldSelectorAttributes extends Static<typeof FieldSelectorAttributesSchema> {}

export const LabelSelectorAttributesSchema = model(
  'authorization.v1.LabelSelectorAttributes',
  {},
  { rawSelector: string, requirements: list(named<LabelSelectorRequirement>(LabelSelectorRequirementSchema)) },
);
export interface LabelSelectorAttributes extends Static<typeof LabelSelectorAttributesSchema> {}

export const ResourceAttributesSchema = model(
  'authorization.v1.ResourceAttributes',
  {},
  {
    namespace: string, verb: string, group: string, version: string, resource: string, subresource: string, name: string,
    fieldSelector: named<FieldSelectorAttributes>(FieldSelectorAttributesSchema),
    labelSelector: named<LabelSelectorAttributes>(LabelSelectorAttributesSchema),
  },
);
export interface ResourceAttributes extends Static<typeof ResourceAttributesSchema> {}

export const NonResourceAttributesSchema = model('authorization.v1.NonResourceAttributes', {}, { path: string, verb: string });
export interface NonResourceAttributes extends Static<typeof NonResourceAttributesSchema> {}

const asked = {
  resourceAttributes: named<ResourceAttributes>(ResourceAttributesSchema),
  nonResourceAttributes: named<NonResourceAttributes>(NonResourceAttributesSchema),
};

export const SelfSubjectAccessReviewSpecSchema = model('authorization.v1.SelfSubjectAccessReviewSpec', {}, asked);
export interface SelfSubjectAccessReviewSpec extends Static<typeof SelfSubjectAccessReviewSpecSchema> {}

export const SubjectAccessReviewSpecSchema = model(
  'authorization.v1.SubjectAccessReviewSpec',
  {},
  { ...asked, user: string, groups: list(string), extra: extraValues, uid: string },
);
export interface SubjectAccessReviewSpec extends Static<typeof SubjectAccessReviewSpecSchema> {}

export const SubjectAccessReviewStatusSchema = model(
  'authorization.v1.SubjectAccessReviewStatus',
  { allowed: boolean },
  { denied: boolean, reason: string, evaluationError: string },
);
export interface SubjectAccessReviewStatus extends Static<typeof SubjectAccessReviewStatusSchema> {}

const metadata = named<ObjectMeta>(ObjectMetaSchema);
const reviewOptions = { implied: ['metadata'], defaults: { metadata: {}, spec: {}, status: {} } };
const optional = { ...typeMeta, status: named<SubjectAccessReviewStatus>(SubjectAccessReviewStatusSchema) };
const anySubject = { metadata, spec: named<SubjectAccessReviewSpec>(SubjectAccessReviewSpecSchema) };

/** Asks whether somebody may do something. */
export const SubjectAccessReviewSchema = model('authorization.v1.SubjectAccessReview', anySubject, optional, reviewOptions);
export interface SubjectAccessReview extends Static<typeof SubjectAccessReviewSchema> {}

/** The same, within one namespace. */
export const LocalSubjectAccessReviewSchema = model('authorization.v1.LocalSubjectAccessReview', anySubject, optional, reviewOptions);
export interface LocalSubjectAccessReview extends Static<typeof LocalSubjectAccessReviewSchema> {}

/** Asks whether the asker may do something. */
export const SelfSubjectAccessReviewSchema = model(
  'authorization.v1.SelfSubjectAccessReview',
  { metadata, spec: named<SelfSubjectAccessReviewSpec>(SelfSubjectAccessReviewSpecSchema) },
  optional,
  reviewOptions,
);
export interface SelfSubjectAccessReview extends Static<typeof SelfSubjectAccessReviewSchema> {}
