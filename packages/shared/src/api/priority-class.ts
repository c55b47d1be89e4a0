import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { boolean, int32, keepEmpty, model, named, oneOf, string } from './schema.ts';

/** The higher the `value`, the sooner its pods are scheduled. */
export const PriorityClassSchema = model(
  'scheduling.v1.PriorityClass',
  { metadata: named<ObjectMeta>(ObjectMetaSchema), value: int32 },
  { ...typeMeta, globalDefault: boolean, description: string, preemptionPolicy: keepEmpty(oneOf('PreemptLowerPriority', 'Never')) },
  { implied: ['metadata', 'value'], defaults: { metadata: {}, value: 0 } },
);
export interface PriorityClass extends Static<typeof PriorityClassSchema> {}

/** The classes that every cluster has; no other name may begin with `system-`. */
export const systemPriorityClasses: readonly PriorityClass[] = [
  { metadata: { name: 'system-node-critical' }, value: 2_000_001_000, description: 'Used for system critical pods that must not be moved from their current node.' },
  {
    metadata: { name: 'system-cluster-critical' }, value: 2_000_000_000,
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];
