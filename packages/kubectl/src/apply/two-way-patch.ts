import type { ManifestObject } from '../resource/manifest.ts';
import type { AnyObject } from '../resource/object.ts';
import type { ApplyPatch } from './three-way-patch.ts';

/** What takes `before` to `after`: everything that differs, whoever owns it. Undefined when nothing does. */
export async function twoWayPatch(before: AnyObject, after: ManifestObject): Promise<ApplyPatch | undefined> {
  const { createThreeWayMergePatch, createThreeWayStrategicPatch, kindFor } = await import('@podling/shared/scheme');
  const known = kindFor(after.apiVersion, after.kind);
  const made: ApplyPatch =
    known === undefined
      ? { patch: createThreeWayMergePatch(before, after, before), type: 'application/merge-patch+json' }
      : { patch: createThreeWayStrategicPatch(known.schema, before, after, before), type: 'application/strategic-merge-patch+json' };
  return Object.keys(made.patch).length === 0 ? undefined : made;
}
