import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { boolean, list, model, named, string } from './schema.ts';

export const ResourceRuleSchema = model(
  'authorization.v1.ResourceRule',
  { verbs: list(string) },
  { apiGroups: list(string), resources: list(string), resourceNames: list(string) },
);
export interface ResourceRule extends Static<typeof ResourceRuleSchema> {}

export const NonResourceRuleSchema = model('authorization.v1.NonResourceRule', { verbs: list(string) }, { nonResourceURLs: list(string) });
export interface NonResourceRule extends Static<typeof NonResourceRuleSchema> {}

export const SubjectRulesReviewStatusSchema = model(
  'authorization.v1.SubjectRulesReviewStatus',
  {
    resourceRules: list(named<ResourceRule>(ResourceRuleSchema)),
    nonResourceRules: list(named<NonResourceRule>(NonResourceRuleSchema)),
    incomplete: boolean,
  },
  { evaluationError: string },
);
export interface SubjectRulesReviewStatus extends Static<typeof SubjectRulesReviewStatusSchema> {}

export const SelfSubjectRulesReviewSpecSchema = model('authorization.v1.SelfSubjectRulesReviewSpec', {}, { namespace: string });
export interface SelfSubjectRulesReviewSpec extends Static<typeof SelfSubjectRulesReviewSpecSchema> {}

/** Asks what the asker may do in a namespace. */
export const SelfSubjectRulesReviewSchema = model(
  'authorization.v1.SelfSubjectRulesReview',
  { metadata: named<ObjectMeta>(ObjectMetaSchema), spec: named<SelfSubjectRulesReviewSpec>(SelfSubjectRulesReviewSpecSchema) },
  { ...typeMeta, status: named<SubjectRulesReviewStatus>(SubjectRulesReviewStatusSchema) },
  { implied: ['metadata'], defaults: { metadata: {}, spec: {}, status: {} } },
);
export interface SelfSubjectRulesReview extends Static<typeof SelfSubjectRulesReviewSchema> {}
