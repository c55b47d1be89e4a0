import { isConflict, isNotFound } from '@podling/shared/errors';
import { Option } from 'commander';
import { lastAppliedOf, LAST_APPLIED, withLastApplied } from '../apply/last-applied.ts';
import { migrateManagers } from '../apply/migrate-managers.ts';
import { APPLY_PATCH, explainConflict } from '../apply/server-side.ts';
import { threeWayPatch } from '../apply/three-way-patch.ts';
import { CommandError, refuseWords, withSource } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { collectEach, fileFlags, validateFlag, writeFlags } from '../flags.ts';
import { toList } from '../printers/object.ts';
import type { ManifestObject } from '../resource/manifest.ts';
import type { FileOptions } from '../resource/manifest-files.ts';
import { forEachManifest } from '../resource/manifest-targets.ts';
import type { ManifestTarget } from '../resource/manifest-targets.ts';
import type { AnyObject } from '../resource/object.ts';
import { qualifiedName, resourcePath } from '../resource/rest-mapping.ts';
import type { Verb } from '../verb.ts';
import { beginWriting, send } from '../writing.ts';
import type { Write, WriteOptions, Writing } from '../writing.ts';
import { createOne } from './create.ts';
import { checkPrune, prune, pruneMappings } from './apply/prune.ts';
import type { PruneOptions } from './apply/prune.ts';

export interface ApplyOptions extends FileOptions, WriteOptions, PruneOptions {
  serverSide?: boolean;
  forceConflicts?: boolean;
  subresource?: string;
}

type Operation = 'created' | 'configured' | 'unchanged' | 'serverside-applied';

interface Outcome {
  object: AnyObject;
  operation: Operation;
}

const CLIENT_SIDE_MANAGER = 'kubectl-client-side-apply';
const SERVER_SIDE_MANAGER = 'kubectl';
const LAST_APPLIED_MANAGER = 'kubectl-last-applied';
const ATTEMPTS = 5;

function checkOptions(options: ApplyOptions, words: readonly string[]): void {
  const { serverSide = false, forceConflicts = false, dryRun, subresource } = options;
  refuseWords('apply', words);
  if (forceConflicts && !serverSide) throw new CommandError('--force-conflicts only works with --server-side');
  if (dryRun === 'client' && serverSide) throw new CommandError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
  if (subresource !== undefined && !serverSide) throw new CommandError('--subresource can only be specified for --server-side');
  checkPrune(options);
}

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
async function patchOne(writing: Writing, target: ManifestTarget, name: string, live: AnyObject): Promise<Outcome> {
  const made = await threeWayPatch(target.object, live);
  if (made === undefined) return { object: live, operation: 'unchanged' };
  if (writing.dryRun === 'client') {
    const { patchLocally } = await import('../apply/local-patch.ts');
    return { object: await patchLocally(live, made.type, made.patch), operation: 'configured' };
  }
  const { mapping, namespace } = target;
  const object = await send(writing, { method: 'PATCH', mapping, namespace, name, body: made.patch, contentType: made.type });
  return { object, operation: 'configured' };
}

async function applyOnce(writing: Writing, target: ManifestTarget, name: string): Promise<Outcome> {
  const { factory, dryRun } = writing;
  const live = await current(factory, resourcePath(target.mapping, { namespace: target.namespace, name }));
  if (live === undefined) return { object: dryRun === 'client' ? target.object : await createOne(writing, target), operation: 'created' };
  warnIfForeign(factory, target, live);
  try {
    return await patchOne(writing, target, name, live);
  } catch (error) {
    throw withSource(error, 'applying patch to', target.source);
  }
}

/** Somebody else may write between our read and our patch: read again. */
async function applyClientSide(writing: Writing, plain: ManifestTarget, name: string): Promise<Outcome> {
  const target = { ...plain, object: withLastApplied(plain.object) };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await applyOnce(writing, target, name);
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** What client-side apply made before is taken over, with the annotation that it would compare with. Undefined when there is none. */
async function takeOver(writing: Writing, write: Write, applied: AnyObject): Promise<AnyObject | undefined> {
  if (writing.dryRun !== 'none' || write.subresource !== undefined) return undefined;
  const object = write.body as ManifestObject;
  // Under another name the server would not keep it up to date.
  if (lastAppliedOf(applied) !== undefined && writing.query.fieldManager === SERVER_SIDE_MANAGER) {
    const { apiVersion, kind, metadata } = object;
    const annotations = { [LAST_APPLIED]: withLastApplied(object).metadata.annotations?.[LAST_APPLIED] };
    const body = { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace, annotations } };
    await send({ ...writing, query: { ...writing.query, fieldManager: LAST_APPLIED_MANAGER, force: true } }, { ...write, body });
  }
  if (migrateManagers(applied, CLIENT_SIDE_MANAGER, writing.query.fieldManager) === undefined) return undefined;
  const { mapping, namespace, name } = write;
  const live = await current(writing.factory, resourcePath(mapping, { namespace, name }));
  const body = live === undefined ? undefined : migrateManagers(live, CLIENT_SIDE_MANAGER, writing.query.fieldManager);
  if (body === undefined) return undefined;
  await send({ ...writing, query: {} }, { ...write, body, contentType: 'application/json-patch+json' });
  return send(writing, write);
}

/** The server merges, and keeps who owns which field. */
async function applyServerSide(writing: Writing, target: ManifestTarget, name: string, { forceConflicts = false, subresource }: ApplyOptions): Promise<Outcome> {
  const { mapping, namespace, object } = target;
  const query = { ...writing.query, force: forceConflicts };
  try {
    const write: Write = { method: 'PATCH', mapping, namespace, name, subresource, body: object, contentType: APPLY_PATCH };
    const applied = await send({ ...writing, query }, write);
    return { object: (await takeOver({ ...writing, query }, write, applied)) ?? applied, operation: 'serverside-applied' };
  } catch (error) {
    throw explainConflict(error);
  }
}

async function applyOne(writing: Writing, target: ManifestTarget, options: ApplyOptions): Promise<Outcome> {
  const { name } = target.object.metadata;
  if (name === undefined || name === '') throw new CommandError(`from ${target.object.metadata.generateName ?? target.source}: cannot use generate name with apply`);
  return options.serverSide === true ? applyServerSide(writing, target, name, options) : applyClientSide(writing, target, name);
}

/** Objects asked for in full come in one piece at the end, as a List when there are several. */
async function printFull(writing: Writing, outcomes: readonly Outcome[]): Promise<void> {
  const objects = outcomes.map(({ object }) => object);
  const [first] = objects;
  if (first !== undefined) await writing.print(objects.length === 1 ? first : toList(objects), '');
}

/** Makes the cluster's objects match the files: creates what is missing, patches what differs, prunes what is no longer in them. */
export async function apply(factory: Factory, words: string[], options: ApplyOptions): Promise<number> {
  checkOptions(options, words);
  const writing = await beginWriting(factory, options, options.serverSide === true ? SERVER_SIDE_MANAGER : CLIENT_SIDE_MANAGER);
  const pruned = options.prune === true ? await pruneMappings(writing, options.pruneAllowlist) : [];
  const full = !['', 'name'].includes(options.output ?? '');
  const outcomes: Outcome[] = [];
  const count = await forEachManifest(factory, options, writing.failures, async (target) => {
    const outcome = await applyOne(writing, target, options);
    outcomes.push(outcome);
    if (!full) await writing.print(outcome.object, outcome.operation);
  });
  if (count === 0) throw new CommandError('no objects passed to apply');
  if (full) await printFull(writing, outcomes);
  if (options.prune === true && writing.failures.exitCode === 0) await prune(writing, outcomes.map(({ object }) => object), pruned, options);
  return writing.failures.exitCode;
}

export const verb: Verb<ApplyOptions> = {
  usage: '-f FILE [flags]',
  flags: (command) => {
    fileFlags(command);
    writeFlags(command);
    validateFlag(command);
    command
      .option('--server-side', 'the server merges, and keeps who owns which field')
      .option('--force-conflicts', 'with --server-side: take fields from other managers')
      .option('--subresource <name>', 'with --server-side: status, scale or resize in place of the object')
      .option('--prune', 'delete what was applied before and is not in the files now; needs -l or --all')
      .option('-l, --selector <selector>', 'only the objects of the files with these labels; with --prune, only such are pruned')
      .option('--all', 'prune whatever was applied')
      .addOption(new Option('--prune-allowlist <group/version/kind>', 'only prune objects of these types').argParser(collectEach));
  },
  run: apply,
  verbs: {
    'view-last-applied': { summary: 'Show what was applied last', load: async () => (await import('./apply/view-last-applied.ts')).verb },
  },
};
