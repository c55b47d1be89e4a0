import {
  LocalSubjectAccessReviewSchema, SelfSubjectAccessReviewSchema, SubjectAccessReviewSchema, type LocalSubjectAccessReview,
  type SelfSubjectAccessReview, type SubjectAccessReview,
} from './access-review.ts';
import { defaultTokenRequest } from './defaults/token-request.ts';
import { defineKind, type KindInfo } from './kind-info.ts';
import { SelfSubjectRulesReviewSchema, type SelfSubjectRulesReview } from './rules-review.ts';
import { TokenRequestSchema, type TokenRequest } from './token-request.ts';
import { SelfSubjectReviewSchema, TokenReviewSchema, type SelfSubjectReview, type TokenReview } from './token-review.ts';
import { validateLocalSubjectAccessReview, validateSelfSubjectAccessReview, validateSubjectAccessReview } from './validation/access-review.ts';
import { validateTokenRequest } from './validation/token-request.ts';

/** Kinds that are questions: created, answered in the same request, never stored. */

const question = { version: 'v1', shortNames: [], categories: [], namespaced: false };
const authentication = { ...question, group: 'authentication.k8s.io' };
const authorization = { ...question, group: 'authorization.k8s.io' };

export const tokenRequestKind = defineKind<TokenRequest>({
  ...authentication, kind: 'TokenRequest', resource: 'tokenrequests', singular: 'tokenrequest', namespaced: true,
  schema: TokenRequestSchema,
  applyDefaults: defaultTokenRequest,
  validateCreate: validateTokenRequest,
});

export const tokenReviewKind = defineKind<TokenReview>({
  ...authentication, kind: 'TokenReview', resource: 'tokenreviews', singular: 'tokenreview',
  schema: TokenReviewSchema,
  validateCreate: () => [],
});

export const selfSubjectReviewKind = defineKind<SelfSubjectReview>({
  ...authentication, kind: 'SelfSubjectReview', resource: 'selfsubjectreviews', singular: 'selfsubjectreview',
  schema: SelfSubjectReviewSchema,
  validateCreate: () => [],
});

export const subjectAccessReviewKind = defineKind<SubjectAccessReview>({
  ...authorization, kind: 'SubjectAccessReview', resource: 'subjectaccessreviews', singular: 'subjectaccessreview',
  schema: SubjectAccessReviewSchema,
  validateCreate: validateSubjectAccessReview,
});

export const localSubjectAccessReviewKind = defineKind<LocalSubjectAccessReview>({
  ...authorization, kind: 'LocalSubjectAccessReview', resource: 'localsubjectaccessreviews', singular: 'localsubjectaccessreview', namespaced: true,
  schema: LocalSubjectAccessReviewSchema,
  validateCreate: validateLocalSubjectAccessReview,
});

export const selfSubjectAccessReviewKind = defineKind<SelfSubjectAccessReview>({
  ...authorization, kind: 'SelfSubjectAccessReview', resource: 'selfsubjectaccessreviews', singular: 'selfsubjectaccessreview',
  schema: SelfSubjectAccessReviewSchema,
  validateCreate: validateSelfSubjectAccessReview,
});

export const selfSubjectRulesReviewKind = defineKind<SelfSubjectRulesReview>({
  ...authorization, kind: 'SelfSubjectRulesReview', resource: 'selfsubjectrulesreviews', singular: 'selfsubjectrulesreview',
  schema: SelfSubjectRulesReviewSchema,
  validateCreate: () => [],
});

export const reviewKinds: readonly KindInfo[] = [
  tokenRequestKind, tokenReviewKind, selfSubjectReviewKind, subjectAccessReviewKind, localSubjectAccessReviewKind, selfSubjectAccessReviewKind,
  selfSubjectRulesReviewKind,
];
