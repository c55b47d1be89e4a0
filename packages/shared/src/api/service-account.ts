import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { LocalObjectReferenceSchema, ObjectReferenceSchema, type LocalObjectReference, type ObjectReference } from './object-reference.ts';
import { boolean, keepEmpty, list, mergeList, model, named } from './schema.ts';

export const ServiceAccountSchema = model(
  'core.v1.ServiceAccount',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  {
    ...typeMeta,
    secrets: mergeList(named<ObjectReference>(ObjectReferenceSchema), 'name'),
    imagePullSecrets: list(named<LocalObjectReference>(LocalObjectReferenceSchema)),
    automountServiceAccountToken: keepEmpty(boolean),
  },
  { implied: ['metadata'], defaults: { metadata: {} } },
);
export interface ServiceAccount extends Static<typeof ServiceAccountSchema> {}
