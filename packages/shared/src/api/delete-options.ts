import type { Static } from 'typebox';
import { typeMeta } from './object-meta.ts';
import { boolean, int64, list, model, string } from './schema.ts';

export const PreconditionsSchema = model('meta.v1.Preconditions', {}, { uid: string, resourceVersion: string });
export interface Preconditions extends Static<typeof PreconditionsSchema> {}

export const DeleteOptionsSchema = model(
  'meta.v1.DeleteOptions',
  {},
  {
    ...typeMeta,
    gracePeriodSeconds: int64,
    preconditions: PreconditionsSchema,
    orphanDependents: boolean,
    propagationPolicy: string,
    dryRun: list(string),
    ignoreStoreReadErrorWithClusterBreakingPotential: boolean,
  },
);
/** The body of a delete; all of it may come as query parameters as well. */
export interface DeleteOptions extends Static<typeof DeleteOptionsSchema> {}
