import type { Static } from 'typebox';
import { typeMeta } from './object-meta.ts';
import { boolean, int64, keepEmpty, list, model, string } from './schema.ts';

export const PreconditionsSchema = model('meta.v1.Preconditions', {}, { uid: keepEmpty(string), resourceVersion: keepEmpty(string) });
export interface Preconditions extends Static<typeof PreconditionsSchema> {}

export const DeleteOptionsSchema = model(
  'meta.v1.DeleteOptions',
  {},
  {
    ...typeMeta,
    gracePeriodSeconds: keepEmpty(int64),
    preconditions: PreconditionsSchema,
    orphanDependents: keepEmpty(boolean),
    propagationPolicy: keepEmpty(string),
    dryRun: list(string),
    ignoreStoreReadErrorWithClusterBreakingPotential: keepEmpty(boolean),
  },
);
/** The body of a delete; all of it may come as query parameters as well. */
export interface DeleteOptions extends Static<typeof DeleteOptionsSchema> {}
