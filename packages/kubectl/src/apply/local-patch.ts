import type { PatchType } from '@podling/shared/client';
import { CommandError } from '../errors.ts';
import type { AnyObject } from '../resource/object.ts';

/** What the server would make of the patch, but for defaults and admission. */
export async function patchLocally(object: AnyObject, type: PatchType, patch: unknown): Promise<AnyObject> {
  const { applyJsonPatch, applyMergePatch, kindFor, PatchError, strategicMergePatch } = await import('@podling/shared/scheme');
  const { apiVersion = '', kind = '' } = object;
  const known = kindFor(apiVersion, kind);
  if (type === 'application/strategic-merge-patch+json' && known === undefined) {
    throw new CommandError(`strategic merge patch is not supported for ${apiVersion}, Kind=${kind} locally, try --type merge`);
  }
  try {
    if (type === 'application/json-patch+json') return applyJsonPatch(object, patch) as AnyObject;
    return known === undefined || type === 'application/merge-patch+json'
      ? (applyMergePatch(object, patch) as AnyObject)
      : strategicMergePatch(known.schema, object, patch);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw new CommandError(error.message, { cause: error });
  }
}
