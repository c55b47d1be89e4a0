import type { Static } from 'typebox';
import { TolerationSchema, type Toleration } from './affinity.ts';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { atomicStringMap, list, model, named, resourceList, string } from './schema.ts';

export const OverheadSchema = model('node.v1.Overhead', {}, { podFixed: resourceList });
export const SchedulingSchema = model('node.v1.Scheduling', {}, { nodeSelector: atomicStringMap, tolerations: list(named<Toleration>(TolerationSchema)) });

/** How a pod is run, by a handler that its node is configured with. */
export const RuntimeClassSchema = model(
  'node.v1.RuntimeClass',
  { metadata: named<ObjectMeta>(ObjectMetaSchema), handler: string },
  { ...typeMeta, overhead: OverheadSchema, scheduling: SchedulingSchema },
  { implied: ['metadata'], defaults: { metadata: {} } },
);
export interface RuntimeClass extends Static<typeof RuntimeClassSchema> {}
