import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { int32, keepEmpty, microTime, model, named, string } from './schema.ts';

export const LeaseSpecSchema = model(
  'coordination.v1.LeaseSpec',
  {},
  {
    holderIdentity: keepEmpty(string),
    leaseDurationSeconds: keepEmpty(int32),
    acquireTime: microTime,
    renewTime: microTime,
    leaseTransitions: keepEmpty(int32),
    strategy: keepEmpty(string),
    preferredHolder: keepEmpty(string),
  },
);
export interface LeaseSpec extends Static<typeof LeaseSpecSchema> {}

export const LeaseSchema = model(
  'coordination.v1.Lease',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  { ...typeMeta, spec: named<LeaseSpec>(LeaseSpecSchema) },
  { implied: ['metadata'], defaults: { metadata: {}, spec: {} } },
);
export interface Lease extends Static<typeof LeaseSchema> {}
