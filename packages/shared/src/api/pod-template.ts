import type { Static } from 'typebox';
import { ObjectMetaSchema, TemplateMetaSchema, typeMeta, type ObjectMeta, type TemplateMeta } from './object-meta.ts';
import { PodSpecSchema, type PodSpec } from './pod.ts';
import { model, named } from './schema.ts';

/** A pod to be made: what it will be labelled with, and its spec. */
export const PodTemplateSpecSchema = model(
  'core.v1.PodTemplateSpec',
  {},
  { metadata: named<TemplateMeta>(TemplateMetaSchema), spec: named<PodSpec>(PodSpecSchema) },
  { defaults: { metadata: {}, spec: {} } },
);
export interface PodTemplateSpec extends Static<typeof PodTemplateSpecSchema> {}

export const PodTemplateSchema = model(
  'core.v1.PodTemplate',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  { ...typeMeta, template: named<PodTemplateSpec>(PodTemplateSpecSchema) },
  { implied: ['metadata'], defaults: { metadata: {}, template: {} } },
);
export interface PodTemplate extends Static<typeof PodTemplateSchema> {}
