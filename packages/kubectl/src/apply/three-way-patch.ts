import type { PatchType } from '@podling/shared/client';
import type { AnyObject } from '../resource/object.ts';
import type { ManifestObject } from '../resource/manifest.ts';
import { lastAppliedOf } from './last-applied.ts';

export interface ApplyPatch {
  patch: Record<string, unknown>;
  type: PatchType;
}

/**
 * What takes the live object to the wanted one: sets what is wanted, removes what was applied last and is wanted no
 * more, leaves the rest to its owners. Undefined when nothing differs. Lists merge by key for the kinds we know the
 * schema of; for other kinds a list is replaced whole.
 */
export async function threeWayPatch(wanted: ManifestObject, live: AnyObject): Promise<ApplyPatch | undefined> {
  // Only here, because the schemas take longer to load than all the rest.
  const { createThreeWayMergePatch, createThreeWayStrategicPatch, kindFor } = await import('@podling/shared/scheme');
  const original = lastAppliedOf(live) ?? {};
  const known = kindFor(wanted.apiVersion, wanted.kind);
  const made: ApplyPatch =
    known === undefined
      ? { patch: createThreeWayMergePatch(original, wanted, live), type: 'application/merge-patch+json' }
      : { patch: createThreeWayStrategicPatch(known.schema, original, wanted, live), type: 'application/strategic-merge-patch+json' };
  return Object.keys(made.patch).length === 0 ? undefined : made;
}
