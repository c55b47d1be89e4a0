import { checkNesting } from './decode-error.ts';
import { equalJson, isJsonObject, ownValue, type JsonObject } from './json.ts';

/** JSON merge patch (RFC 7386). Neither argument is changed. Throws `DecodeError` for a patch nested too deep. */
export function applyMergePatch(original: unknown, patch: unknown): unknown {
  checkNesting(patch);
  return merge(original, patch);
}

function merge(original: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result = new Map(isJsonObject(original) ? Object.entries(original) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, merge(result.get(key), value));
  }
  return Object.fromEntries(result);
}

/**
 * The JSON merge patch that makes `current` what `modified` says, removes what `original` (the last applied) had and
 * `modified` has not, and leaves alone what others have set. Lists are replaced as a whole.
 */
export function createThreeWayMergePatch(original: JsonObject, modified: JsonObject, current: JsonObject): JsonObject {
  const wanted = Object.entries(modified).flatMap(([key, value]) => {
    const entry = changedEntry(ownValue(original, key), value, ownValue(current, key));
    return entry === undefined ? [] : [[key, entry] as const];
  });
  const gone = Object.keys(original)
    .filter((key) => isAbsent(modified, key) && Object.hasOwn(current, key))
    .map((key) => [key, null] as const);
  return Object.fromEntries([...wanted, ...gone]);
}

const isAbsent = (object: JsonObject, key: string): boolean => (ownValue(object, key) ?? null) === null;

function changedEntry(original: unknown, modified: unknown, current: unknown): unknown {
  if (modified === null || equalJson(modified, current)) return undefined;
  if (!isJsonObject(modified) || !isJsonObject(current)) return modified;
  const patch = createThreeWayMergePatch(isJsonObject(original) ? original : {}, modified, current);
  return Object.keys(patch).length === 0 ? undefined : patch;
}
