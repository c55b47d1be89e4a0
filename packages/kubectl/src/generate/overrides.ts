import { patchLocally } from '../apply/local-patch.ts';
import { CommandError } from '../errors.ts';
import { parseValue } from '../resource/manifest.ts';
import type { ManifestObject } from '../resource/manifest.ts';

export interface OverrideOptions {
  overrides?: string;
  overrideType: string;
}

const types = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
} as const;

/** The object with what `--overrides` says. */
export async function overridden(object: ManifestObject, { overrides, overrideType }: OverrideOptions): Promise<ManifestObject> {
  if (overrides === undefined) return object;
  if (!Object.hasOwn(types, overrideType)) throw new CommandError(`invalid argument "${overrideType}" for "--override-type" flag: must be json, merge or strategic`);
  let patch: unknown;
  try {
    patch = parseValue(overrides);
  } catch (error) {
    throw new CommandError(`Invalid JSON Patch: ${(error as Error).message}`, { cause: error });
  }
  return (await patchLocally(object, types[overrideType as keyof typeof types], patch)) as ManifestObject;
}
