import type { PatchType } from '@podling/shared/client';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { patchLocally } from '../apply/local-patch.ts';
import { fileProblem } from '@podling/shared/file-problem';
import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { fileFlags, writeFlags } from '../flags.ts';
import type { FileOptions } from '../resource/manifest-files.ts';
import { forEachDocument } from '../resource/manifest-targets.ts';
import { parseValue } from '../resource/manifest.ts';
import type { AnyObject } from '../resource/object.ts';
import { readObject, selectObjects } from '../resource/selection.ts';
import type { Selected } from '../resource/selection.ts';
import type { Verb } from '../verb.ts';
import { beginWriting, send } from '../writing.ts';
import type { WriteOptions, Writing } from '../writing.ts';

export interface PatchOptions extends FileOptions, WriteOptions {
  patch?: string;
  patchFile?: string;
  type: string;
  local?: boolean;
  subresource?: string;
}

const TYPES: Readonly<Record<string, PatchType>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

const NONE = 'no objects passed to patch';

async function patchText({ patch = '', patchFile = '' }: PatchOptions): Promise<string> {
  if (patch !== '' && patchFile !== '') throw new CommandError('cannot specify --patch and --patch-file together');
  if (patch === '' && patchFile === '') throw new CommandError('must specify --patch or --patch-file containing the contents of the patch');
  if (patchFile === '') return patch;
  try {
    return await readFile(patchFile, 'utf8');
  } catch (error) {
    throw new CommandError(`unable to read patch file: ${fileProblem(error, patchFile)}`, { cause: error });
  }
}

async function patchOf(options: PatchOptions): Promise<unknown> {
  const text = await patchText(options);
  try {
    return parseValue(text);
  } catch (error) {
    const [what = ''] = (error as Error).message.split('\n');
    throw new CommandError(`unable to parse ${JSON.stringify(text)}: ${what.replace(/:$/, '')}`, { cause: error });
  }
}

function typeOf({ type }: PatchOptions): PatchType {
  const known = TYPES[type.toLowerCase()];
  if (known === undefined) throw new CommandError(`--type must be one of [${Object.keys(TYPES).join(' ')}], not ${JSON.stringify(type)}`);
  return known;
}

function checkLocal(options: PatchOptions, words: readonly string[]): void {
  if (options.local !== true) return;
  if (words.length > 0) throw new CommandError('cannot specify --local and server resources');
  if (options.dryRun === 'server') throw new CommandError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
}

async function patchOne(writing: Writing, target: Selected, patch: unknown, options: PatchOptions): Promise<void> {
  const { factory, dryRun } = writing;
  const type = typeOf(options);
  const before = await readObject(factory, target);
  const sendPatch = (): Promise<AnyObject> =>
    send(writing, { ...target, method: 'PATCH', body: patch, contentType: type, subresource: options.subresource });
  await say(writing, before, dryRun === 'client' ? await patchLocally(before, type, patch) : await sendPatch());
}

function say({ print }: Writing, before: AnyObject, after: AnyObject): Promise<void> {
  return print(after, isDeepStrictEqual(before, after) ? 'patched (no change)' : 'patched');
}

/** Changes fields of objects. */
export async function patch(factory: Factory, words: string[], options: PatchOptions): Promise<number> {
  checkLocal(options, words);
  typeOf(options);
  const content = await patchOf(options);
  const writing = await beginWriting(factory, options, 'kubectl-patch');
  if (options.local === true) {
    const count = await forEachDocument(factory, options, writing.failures, async ({ object }) => say(writing, object, await patchLocally(object, typeOf(options), content)));
    if (count === 0) throw new CommandError(NONE);
    return writing.failures.exitCode;
  }
  const targets = await selectObjects(factory, words, options, writing.failures);
  for (const target of targets) await writing.failures.attempt(() => patchOne(writing, target, content, options));
  if (targets.length === 0 && writing.failures.exitCode === 0) throw new CommandError(NONE);
  return writing.failures.exitCode;
}

export const verb: Verb<PatchOptions> = {
  usage: '(-f FILE | TYPE NAME) (-p PATCH | --patch-file PATH) [flags]',
  flags: (command) => {
    fileFlags(command);
    writeFlags(command);
    command
      .option('-p, --patch <patch>', 'the patch, in JSON or YAML')
      .option('--patch-file <path>', 'a file that holds the patch')
      .option('--type <type>', 'json, merge or strategic', 'strategic')
      .option('--subresource <name>', 'status, scale or resize in place of the object')
      .option('--local', 'patch the files and send nothing');
  },
  run: patch,
};
