import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { list, mergeList, model, named, oneOf, string, timeOrNull, unlisted } from './schema.ts';

export const NamespaceConditionSchema = model(
  'core.v1.NamespaceCondition',
  { type: string, status: unlisted(oneOf('True', 'False', 'Unknown')) },
  { lastTransitionTime: timeOrNull, reason: string, message: string },
);
export interface NamespaceCondition extends Static<typeof NamespaceConditionSchema> {}

export const NamespaceSpecSchema = model('core.v1.NamespaceSpec', {}, { finalizers: list(string) });
export interface NamespaceSpec extends Static<typeof NamespaceSpecSchema> {}

export const NamespaceStatusSchema = model(
  'core.v1.NamespaceStatus',
  {},
  { phase: oneOf('Active', 'Terminating'), conditions: mergeList(NamespaceConditionSchema, 'type') },
);
export interface NamespaceStatus extends Static<typeof NamespaceStatusSchema> {}

export const NamespaceSchema = model(
  'core.v1.Namespace',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  { ...typeMeta, spec: named<NamespaceSpec>(NamespaceSpecSchema), status: named<NamespaceStatus>(NamespaceStatusSchema) },
  { implied: ['metadata'], defaults: { metadata: {}, spec: {}, status: {} } },
);
export interface Namespace extends Static<typeof NamespaceSchema> {}
