import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { int64, keepEmpty, list, model, named, string, time } from './schema.ts';

export const BoundObjectReferenceSchema = model('authentication.v1.BoundObjectReference', {}, { kind: string, apiVersion: string, name: string, uid: string });
export interface BoundObjectReference extends Static<typeof BoundObjectReferenceSchema> {}

export const TokenRequestSpecSchema = model(
  'authentication.v1.TokenRequestSpec',
  { audiences: list(string) },
  { expirationSeconds: keepEmpty(int64), boundObjectRef: named<BoundObjectReference>(BoundObjectReferenceSchema) },
  { implied: ['audiences'] },
);
export interface TokenRequestSpec extends Static<typeof TokenRequestSpecSchema> {}

export const TokenRequestStatusSchema = model('authentication.v1.TokenRequestStatus', { token: string, expirationTimestamp: time }, {}, { implied: ['token', 'expirationTimestamp'], defaults: { token: '' } });
export interface TokenRequestStatus extends Static<typeof TokenRequestStatusSchema> {}

/** The body of `serviceaccounts/NAME/token`; never stored. */
export const TokenRequestSchema = model(
  'authentication.v1.TokenRequest',
  { metadata: named<ObjectMeta>(ObjectMetaSchema), spec: named<TokenRequestSpec>(TokenRequestSpecSchema) },
  { ...typeMeta, status: named<TokenRequestStatus>(TokenRequestStatusSchema) },
  { implied: ['metadata', 'spec'], defaults: { metadata: {}, spec: {}, status: {} } },
);
export interface TokenRequest extends Static<typeof TokenRequestSchema> {}
