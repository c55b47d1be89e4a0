import { ApiStatusError, newInvalid } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import type { Decoded } from '@podling/shared/scheme';
import { decodeValue } from './decode-object.ts';
import type { DecodeTarget } from './decode-object.ts';
import { unknownField } from './parse-body.ts';
import { addWarning } from './warnings.ts';

const maxShownLength = 16 * 1024;

/** 422 as Kubernetes has it for a patch that makes an impossible object: of no kind, with the object in its text. */
function newInvalidPatch(patched: unknown, why: string, options?: ErrorOptions): Error {
  const text = JSON.stringify(patched) ?? '';
  const shown = JSON.stringify(text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text);
  const { status } = newInvalid({ group: '', kind: '' }, '', [{ field: 'patch', reason: 'FieldValueInvalid', message: `Invalid value: ${shown}: ${why}` }]);
  return new ApiStatusError(status, options);
}

function decoded<T extends KubeObject>(patched: unknown, { info }: DecodeTarget<T>): Decoded<T> {
  try {
    return decodeValue(patched, info);
  } catch (cause) {
    if (!(cause instanceof ApiStatusError)) throw cause;
    throw newInvalidPatch(patched, cause.message.replace(/^.* cannot be handled as an? \w+: /, ''), { cause });
  }
}

/**
 * The object that a patch makes, typed and defaulted. `ofPatch` is what was wrong with the patch itself; it is refused or
 * warned of together with the fields that turn out unknown.
 */
export function decodePatched<T extends KubeObject>(patched: unknown, ofPatch: readonly string[], target: DecodeTarget<T>): T {
  const { object, unknownFields } = decoded(patched, target);
  const { fieldValidation, response, info } = target;
  const found = [...ofPatch, ...unknownFields.map(unknownField)];
  if (found.length > 0 && fieldValidation === 'Strict') throw newInvalidPatch(patched, `strict decoding error: ${found.join(', ')}`);
  if (fieldValidation === 'Warn') for (const text of found) addWarning(response, text);
  return info.applyDefaults(object);
}
