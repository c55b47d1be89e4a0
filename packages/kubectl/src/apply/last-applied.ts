import { CommandError } from '../errors.ts';
import { canonicalJson } from '../printers/object.ts';
import type { AnyObject } from '../resource/object.ts';
import type { ManifestObject } from '../resource/manifest.ts';

/** Holds what the user applied last, so that the next apply knows what he has removed since. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object with its own text in the annotation, as the server will keep it. */
export function withLastApplied(object: ManifestObject): ManifestObject {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {};
  const plain = { ...object, metadata: { ...object.metadata, annotations } };
  return { ...plain, metadata: { ...plain.metadata, annotations: { ...annotations, [LAST_APPLIED]: `${canonicalJson(plain)}\n` } } };
}

function parseObject(text: string): AnyObject {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object');
  return value as AnyObject;
}

/** Undefined when the object was not made by apply. An annotation that somebody spoilt is a CommandError. */
export function lastAppliedOf(current: AnyObject): AnyObject | undefined {
  const { name = '', annotations } = current.metadata ?? {};
  const text = annotations?.[LAST_APPLIED];
  try {
    return text === undefined || text === '' ? undefined : parseObject(text);
  } catch (error) {
    const subject = `${current.kind ?? 'object'} "${name}"`;
    const fix = 'remove the annotation, or delete the object and apply it again';
    throw new CommandError(`the annotation ${LAST_APPLIED} of ${subject} holds no JSON object (${(error as Error).message}): ${fix}`, { cause: error });
  }
}
