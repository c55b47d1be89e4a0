import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { ObjectReferenceSchema, type ObjectReference } from './object-reference.ts';
import { model, named } from './schema.ts';

/** The body of `pods/NAME/binding`: `target` names the node. */
export const BindingSchema = model(
  'core.v1.Binding',
  { metadata: named<ObjectMeta>(ObjectMetaSchema), target: named<ObjectReference>(ObjectReferenceSchema) },
  typeMeta,
  { implied: ['metadata'], defaults: { metadata: {}, target: {} } },
);
export interface Binding extends Static<typeof BindingSchema> {}
