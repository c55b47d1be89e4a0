import type { Static } from 'typebox';
import { int64, model, oneOf, string, time, unlisted } from './schema.ts';

/** The condition of the newer kinds: all but the generation is required. */
export const ConditionSchema = model(
  'meta.v1.Condition',
  { type: string, status: unlisted(oneOf('True', 'False', 'Unknown')), lastTransitionTime: time, reason: string, message: string },
  { observedGeneration: int64 },
);
export interface Condition extends Static<typeof ConditionSchema> {}
