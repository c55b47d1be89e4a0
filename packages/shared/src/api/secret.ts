import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { boolean, bytes, keepEmpty, mapOf, model, named, string, stringMap } from './schema.ts';

/** `data` is base64. `stringData` is for writing only: its texts go into `data`. */
export const SecretSchema = model(
  'core.v1.Secret',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  {
    ...typeMeta,
    immutable: keepEmpty(boolean),
    data: mapOf(bytes),
    stringData: stringMap,
    /** `Opaque`, `kubernetes.io/tls`, or a name of the user's own. */
    type: string,
  },
  { implied: ['metadata'], defaults: { metadata: {} } },
);
export interface Secret extends Static<typeof SecretSchema> {}
