import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { boolean, list, model, named, string } from './schema.ts';
import { UserInfoSchema, type UserInfo } from './user-info.ts';

export const TokenReviewSpecSchema = model('authentication.v1.TokenReviewSpec', { token: string }, { audiences: list(string) }, { defaults: { token: undefined } });
export interface TokenReviewSpec extends Static<typeof TokenReviewSpecSchema> {}

export const TokenReviewStatusSchema = model(
  'authentication.v1.TokenReviewStatus',
  {},
  { authenticated: boolean, user: named<UserInfo>(UserInfoSchema), audiences: list(string), error: string },
  { defaults: { user: {} } },
);
export interface TokenReviewStatus extends Static<typeof TokenReviewStatusSchema> {}

/** Asks whose a token is. */
export const TokenReviewSchema = model(
  'authentication.v1.TokenReview',
  { metadata: named<ObjectMeta>(ObjectMetaSchema), spec: named<TokenReviewSpec>(TokenReviewSpecSchema) },
  { ...typeMeta, status: named<TokenReviewStatus>(TokenReviewStatusSchema) },
  { implied: ['metadata'], defaults: { metadata: {}, spec: {}, status: {} } },
);
export interface TokenReview extends Static<typeof TokenReviewSchema> {}

export const SelfSubjectReviewStatusSchema = model('authentication.v1.SelfSubjectReviewStatus', {}, { userInfo: named<UserInfo>(UserInfoSchema) }, { defaults: { userInfo: {} } });
export interface SelfSubjectReviewStatus extends Static<typeof SelfSubjectReviewStatusSchema> {}

/** Asks who the asker is. */
export const SelfSubjectReviewSchema = model(
  'authentication.v1.SelfSubjectReview',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  { ...typeMeta, status: named<SelfSubjectReviewStatus>(SelfSubjectReviewStatusSchema) },
  { implied: ['metadata'], defaults: { metadata: {}, status: {} } },
);
export interface SelfSubjectReview extends Static<typeof SelfSubjectReviewSchema> {}
