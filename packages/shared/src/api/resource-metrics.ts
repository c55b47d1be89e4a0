import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { duration, list, model, named, resourceList, string, time } from './schema.ts';

/** `window` is the time before `timestamp` over which processor time was measured; `usage` has `cpu` and `memory`, the working set. */
export const NodeMetricsSchema = model(
  'metrics.v1beta1.NodeMetrics',
  { metadata: named<ObjectMeta>(ObjectMetaSchema), timestamp: time, window: duration, usage: resourceList },
  typeMeta,
  { implied: ['metadata'], defaults: { metadata: {} } },
);
export interface NodeMetrics extends Static<typeof NodeMetricsSchema> {}

export const ContainerMetricsSchema = model('metrics.v1beta1.ContainerMetrics', { name: string, usage: resourceList }, {});
export interface ContainerMetrics extends Static<typeof ContainerMetricsSchema> {}

export const PodMetricsSchema = model(
  'metrics.v1beta1.PodMetrics',
  { metadata: named<ObjectMeta>(ObjectMetaSchema), timestamp: time, window: duration, containers: list(ContainerMetricsSchema) },
  typeMeta,
  { implied: ['metadata'], defaults: { metadata: {} } },
);
export interface PodMetrics extends Static<typeof PodMetricsSchema> {}
