import { isConflict, isNotFound } from '@podling/shared/api';
import { lastAppliedOf, LAST_APPLIED, withLastApplied } from '../apply/last-applied.ts';
import { threeWayPatch } from '../apply/three-way-patch.ts';
import { createOne } from './create.ts';
import { CommandError, withSource } from '../errors.ts';
import { Failures } from '../failures.ts';
import type { Factory } from '../factory.ts';
import { fieldValidationOf } from '../field-validation.ts';
import type { ValidateOptions } from '../field-validation.ts';
import { nameOf } from '../printers/object.ts';
import type { AnyObject } from '../resource/object.ts';
import type { FileOptions } from '../resource/manifest-files.ts';
import { forEachManifest } from '../resource/manifest-targets.ts';
import type { ManifestTarget } from '../resource/manifest-targets.ts';
import { qualifiedName, resourcePath } from '../resource/rest-mapping.ts';
import { fileFlags, validateFlag } from '../flags.ts';
import type { Verb } from '../verb.ts';
import type { WriteQuery } from '../writing.ts';

/** One command: its ways out, and what it says to the server with each write. */
interface Apply {
  factory: Factory;
  query: WriteQuery;
}

type Outcome = 'created' | 'configured' | 'unchanged';

const FIELD_MANAGER = 'kubectl-client-side-apply';
const ATTEMPTS = 5;

async function current(factory: Factory, path: string): Promise<AnyObject | undefined> {
  try {
    return await (await factory.client()).request<AnyObject>({ path });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function warnIfForeign(factory: Factory, target: ManifestTarget, live: AnyObject): void {
  if (lastAppliedOf(live) !== undefined) return;
  const name = `${qualifiedName(target.mapping)}/${live.metadata?.name ?? ''}`;
  factory.warn(
    `resource ${name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`,
  );
}

/** Brings the live object to the wanted one with a patch made from what was applied last, what is wanted and what is there. */
async function patchOne({ factory, query }: Apply, target: ManifestTarget, path: string, live: AnyObject): Promise<Outcome> {
  const made = await threeWayPatch(target.object, live);
  if (made === undefined) return 'unchanged';
  await (await factory.client()).request({ method: 'PATCH', path, contentType: made.type, query: { ...query }, body: made.patch });
  return 'configured';
}

async function applyOnce(command: Apply, target: ManifestTarget, path: string): Promise<Outcome> {
  const { factory, query } = command;
  const live = await current(factory, path);
  if (live === undefined) {
    await createOne({ factory, query }, target);
    return 'created';
  }
  warnIfForeign(factory, target, live);
  try {
    return await patchOne(command, target, path, live);
  } catch (error) {
    throw withSource(error, 'applying patch to', target.source);
  }
}

/** Somebody else may write between our read and our patch: read again. */
async function applyOne(command: Apply, plain: ManifestTarget): Promise<Outcome> {
  const { name } = plain.object.metadata;
  if (name === undefined || name === '') throw new CommandError(`error parsing ${plain.source}: cannot use generate name with apply`);
  const target = { ...plain, object: withLastApplied(plain.object) };
  const path = resourcePath(target.mapping, { namespace: target.namespace, name });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await applyOnce(command, target, path);
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Makes the cluster's objects match the files: creates what is missing, patches what differs. */
export async function apply(factory: Factory, _words: string[], options: FileOptions & ValidateOptions): Promise<number> {
  const query: WriteQuery = { fieldManager: FIELD_MANAGER, fieldValidation: fieldValidationOf(options) };
  const failures = new Failures(factory);
  await forEachManifest(factory, options, failures, async (target) => {
    const outcome = await applyOne({ factory, query }, target);
    factory.io.out(`${nameOf(target.mapping, target.object)} ${outcome}\n`);
  });
  return failures.exitCode;
}

export const verb: Verb<FileOptions & ValidateOptions> = {
  usage: '-f FILE [flags]',
  flags: (command) => {
    fileFlags(command);
    validateFlag(command);
  },
  run: apply,
};
