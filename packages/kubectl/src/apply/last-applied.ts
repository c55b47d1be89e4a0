import { canonicalJson } from '../printers/object.ts';
import type { AnyObject } from '../printers/object.ts';
import type { ManifestObject } from '../resource/manifest.ts';

/** Holds what the user applied last, so that the next apply knows what he has removed since. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object with its own text in the annotation, as the server will keep it. */
export function withLastApplied(object: ManifestObject): ManifestObject {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {};
  const plain = { ...object, metadata: { ...object.metadata, annotations } };
  return { ...plain, metadata: { ...plain.metadata, annotations: { ...annotations, [LAST_APPLIED]: `${canonicalJson(plain)}\n` } } };
}

/** Undefined when the object was not made by apply. */
export function lastAppliedOf(current: AnyObject): AnyObject | undefined {
  const text = current.metadata?.annotations?.[LAST_APPLIED];
  return text === undefined ? undefined : (JSON.parse(text) as AnyObject);
}
