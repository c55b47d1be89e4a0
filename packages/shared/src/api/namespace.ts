import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { list, mergeList, named, oneOf, string, struct, time } from './schema.ts';

export const NamespaceConditionSchema = struct(
  { type: string, status: oneOf('True', 'False', 'Unknown') },
  { lastTransitionTime: time, reason: string, message: string },
);
export interface NamespaceCondition extends Static<typeof NamespaceConditionSchema> {}

export const NamespaceSpecSchema = struct({}, { finalizers: list(string) });
export interface NamespaceSpec extends Static<typeof NamespaceSpecSchema> {}

export const NamespaceStatusSchema = struct(
  {},
  { phase: oneOf('Active', 'Terminating'), conditions: mergeList(NamespaceConditionSchema, 'type') },
);
export interface NamespaceStatus extends Static<typeof NamespaceStatusSchema> {}

export const NamespaceSchema = struct(
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  { ...typeMeta, spec: named<NamespaceSpec>(NamespaceSpecSchema), status: named<NamespaceStatus>(NamespaceStatusSchema) },
);
export interface Namespace extends Static<typeof NamespaceSchema> {}
