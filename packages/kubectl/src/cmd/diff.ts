import { isNotFound } from '@podling/shared/errors';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPLY_PATCH, explainConflict } from '../apply/server-side.ts';
import { threeWayPatch } from '../apply/three-way-patch.ts';
import { CommandError, refuseWords } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { fileFlags } from '../flags.ts';
import { formatYaml } from '../printers/object.ts';
import type { FileOptions } from '../resource/manifest-files.ts';
import { forEachManifest } from '../resource/manifest-targets.ts';
import type { ManifestTarget } from '../resource/manifest-targets.ts';
import type { AnyObject } from '../resource/object.ts';
import { readObject } from '../resource/selection.ts';
import type { Verb } from '../verb.ts';
import { beginWriting, send } from '../writing.ts';
import type { Writing } from '../writing.ts';

export interface DiffOptions extends FileOptions {
  serverSide?: boolean;
  forceConflicts?: boolean;
  fieldManager?: string;
  showManagedFields?: boolean;
}

/** diff itself says 1 for a difference, so what goes wrong is above it. */
const FAILED = 2;

async function liveOf(factory: Factory, { mapping, namespace, object }: ManifestTarget): Promise<AnyObject | undefined> {
  try {
    return await readObject(factory, { mapping, namespace, name: object.metadata.name });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The object as it would be after apply, as the server says. */
async function mergedOf(writing: Writing, target: ManifestTarget, live: AnyObject | undefined, options: DiffOptions): Promise<AnyObject> {
  const { mapping, namespace } = target;
  const name = target.object.metadata.name ?? '';
  if (options.serverSide === true) {
    const query = { ...writing.query, force: options.forceConflicts === true };
    try {
      return await send({ ...writing, query }, { method: 'PATCH', mapping, namespace, name, body: target.object, contentType: APPLY_PATCH });
    } catch (error) {
      throw explainConflict(error);
    }
  }
  if (live === undefined) return send(writing, { method: 'POST', mapping, namespace, body: target.object });
  // Without the annotation of what was applied: that it changes too says nothing new.
  const { metadata } = target.object;
  const made = await threeWayPatch({ ...target.object, metadata: { ...metadata, annotations: metadata.annotations ?? {} } }, live);
  return made === undefined ? live : send(writing, { method: 'PATCH', mapping, namespace, name, body: made.patch, contentType: made.type });
}

/** Secret values are not for the screen; different ones still differ. */
function maskSecrets(live: AnyObject | undefined, merged: AnyObject): [AnyObject | undefined, AnyObject] {
  if (merged.kind !== 'Secret' || merged.apiVersion !== 'v1') return [live, merged];
  const from = (live?.['data'] ?? {}) as Record<string, string>;
  const to = (merged['data'] ?? {}) as Record<string, string>;
  const masked = (data: Record<string, string>, other: Record<string, string>, note: string): Record<string, string> =>
    Object.fromEntries(Object.keys(data).map((key) => [key, other[key] === undefined || other[key] === data[key] ? '***' : `*** (${note})`]));
  const plain = (object: AnyObject, data: Record<string, string>): AnyObject => {
    const { annotations = {}, ...metadata } = object.metadata ?? {};
    const shown = Object.entries(annotations).filter(([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration');
    return { ...object, metadata: { ...metadata, annotations: Object.fromEntries(shown) }, ...(Object.keys(data).length === 0 ? {} : { data }) };
  };
  return [live === undefined ? undefined : plain(live, masked(from, to, 'before')), plain(merged, masked(to, from, 'after'))];
}

/** The two folders that are compared: a file for each object. */
class Versions {
  readonly live: string;
  readonly merged: string;

  private constructor(live: string, merged: string) {
    this.live = live;
    this.merged = merged;
  }

  static async create(folder: string): Promise<Versions> {
    return new Versions(await mkdtemp(join(folder, 'LIVE-')), await mkdtemp(join(folder, 'MERGED-')));
  }

  async write({ mapping, namespace = '', object }: ManifestTarget, live: AnyObject | undefined, merged: AnyObject, options: DiffOptions): Promise<void> {
    const { group, version, kind } = mapping;
    const name = `${group === '' ? '' : `${group}.`}${version}.${kind}.${namespace}.${object.metadata.name}`.replaceAll('/', '_');
    const [from, to] = maskSecrets(live, merged);
    if (from !== undefined) await writeFile(join(this.live, name), await formatYaml(from, options), { mode: 0o600 });
    await writeFile(join(this.merged, name), await formatYaml(to, options), { mode: 0o600 });
  }

  async remove(): Promise<void> {
    for (const folder of [this.live, this.merged]) await rm(folder, { recursive: true, force: true });
  }
}

/** The program that compares: `$KUBECTL_EXTERNAL_DIFF` with plain flags, else `diff -u -N`. */
function diffCommand(env: Readonly<Record<string, string | undefined>>): [program: string, args: string[]] {
  const [program = '', ...flags] = (env['KUBECTL_EXTERNAL_DIFF'] ?? '').split(' ').filter((word) => word !== '');
  return program === '' ? ['diff', ['-u', '-N']] : [program, flags.filter((flag) => /^[a-zA-Z0-9-=]+$/.test(flag))];
}

async function runDiff({ io }: Factory, { live, merged }: Versions): Promise<number> {
  const [program, args] = diffCommand(io.env);
  try {
    return await io.run(program, [...args, live, merged]);
  } catch (error) {
    throw new CommandError(`failed to run "${program}": ${(error as Error).message}: install it, or set KUBECTL_EXTERNAL_DIFF`, { cause: error });
  }
}

async function compare(factory: Factory, options: DiffOptions): Promise<number> {
  const manager = options.serverSide === true ? 'kubectl' : 'kubectl-client-side-apply';
  const { fieldManager } = options;
  const writing = await beginWriting(factory, { dryRun: 'server', validate: 'ignore', ...(fieldManager === undefined ? {} : { fieldManager }) }, manager);
  const versions = await Versions.create(factory.io.env['TMPDIR'] ?? tmpdir());
  try {
    await forEachManifest(factory, options, writing.failures, async (target) => {
      const live = await liveOf(factory, target);
      await versions.write(target, live, await mergedOf(writing, target, live, options), options);
    });
    return writing.failures.exitCode === 0 ? await runDiff(factory, versions) : FAILED;
  } finally {
    await versions.remove();
  }
}

/** Shows what apply would change. Exit status 0: nothing, 1: something, above: it failed. */
export async function diff(factory: Factory, words: string[], options: DiffOptions): Promise<number> {
  try {
    refuseWords('diff', words);
    if (options.forceConflicts === true && options.serverSide !== true) throw new CommandError('--force-conflicts only works with --server-side');
    return await compare(factory, options);
  } catch (error) {
    await factory.report(error);
    return FAILED;
  }
}

export const verb: Verb<DiffOptions> = {
  usage: '-f FILE [flags]',
  flags: (command) => {
    fileFlags(command);
    command
      .option('-l, --selector <selector>', 'only the objects of the files with these labels')
      .option('--server-side', 'as apply --server-side would change it')
      .option('--force-conflicts', 'with --server-side: take fields from other managers')
      .option('--field-manager <name>', 'who would own the fields')
      .option('--show-managed-fields', 'compare managedFields too');
  },
  run: diff,
};
