import type { Static } from 'typebox';
import { ConditionSchema, type Condition } from './condition.ts';
import { LabelSelectorSchema, ObjectMetaSchema, typeMeta, type LabelSelector, type ObjectMeta } from './object-meta.ts';
import { int32, int64, intOrString, keepEmpty, mapOf, mergeList, model, named, oneOf, replaced, time } from './schema.ts';

export const PodDisruptionBudgetSpecSchema = model(
  'policy.v1.PodDisruptionBudgetSpec',
  {},
  {
    minAvailable: keepEmpty(intOrString),
    /** Absent: no pod; empty: every pod of the namespace. */
    selector: replaced(named<LabelSelector>(LabelSelectorSchema)),
    maxUnavailable: keepEmpty(intOrString),
    unhealthyPodEvictionPolicy: keepEmpty(oneOf('AlwaysAllow', 'IfHealthyBudget')),
  },
);
export interface PodDisruptionBudgetSpec extends Static<typeof PodDisruptionBudgetSpecSchema> {}

const counts = { disruptionsAllowed: int32, currentHealthy: int32, desiredHealthy: int32, expectedPods: int32 };

export const PodDisruptionBudgetStatusSchema = model(
  'policy.v1.PodDisruptionBudgetStatus',
  counts,
  {
    observedGeneration: int64,
    /** Pod name → when its eviction was granted, until the controller sees the pod go. */
    disruptedPods: mapOf(time),
    conditions: mergeList(named<Condition>(ConditionSchema), 'type'),
  },
  { implied: Object.keys(counts) },
);
export interface PodDisruptionBudgetStatus extends Static<typeof PodDisruptionBudgetStatusSchema> {}

/** How many of the pods that it selects may go at a time because somebody wants them gone. */
export const PodDisruptionBudgetSchema = model(
  'policy.v1.PodDisruptionBudget',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  { ...typeMeta, spec: named<PodDisruptionBudgetSpec>(PodDisruptionBudgetSpecSchema), status: named<PodDisruptionBudgetStatus>(PodDisruptionBudgetStatusSchema) },
  { implied: ['metadata'], defaults: { metadata: {}, spec: {}, status: {} } },
);
export interface PodDisruptionBudget extends Static<typeof PodDisruptionBudgetSchema> {}
