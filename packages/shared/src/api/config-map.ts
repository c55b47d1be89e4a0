import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { boolean, bytes, keepEmpty, mapOf, model, named, stringMap } from './schema.ts';

/** `data` holds text, `binaryData` base64; no key is in both. */
export const ConfigMapSchema = model(
  'core.v1.ConfigMap',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  { ...typeMeta, immutable: keepEmpty(boolean), data: stringMap, binaryData: mapOf(bytes) },
  { implied: ['metadata'], defaults: { metadata: {} } },
);
export interface ConfigMap extends Static<typeof ConfigMapSchema> {}
