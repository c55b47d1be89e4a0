import type { Static } from 'typebox';
import { DeleteOptionsSchema, type DeleteOptions } from './delete-options.ts';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { model, named } from './schema.ts';

/** The body of `pods/NAME/eviction`: a delete that a disruption budget may refuse. Never stored. */
export const EvictionSchema = model(
  'policy.v1.Eviction',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  { ...typeMeta, deleteOptions: named<DeleteOptions>(DeleteOptionsSchema) },
  { implied: ['metadata'], defaults: { metadata: {} } },
);
export interface Eviction extends Static<typeof EvictionSchema> {}
