import { ApiStatusError } from '@podling/shared/errors';
import { withLastApplied } from '../apply/last-applied.ts';
import { twoWayPatch } from '../apply/two-way-patch.ts';
import { EditedFile } from '../editor.ts';
import { CommandError, explainError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { fileFlags, validateFlag, writeFlags } from '../flags.ts';
import { formatJson, formatYaml, groupKindOf, toList } from '../printers/object.ts';
import { forEachManifest } from '../resource/manifest-targets.ts';
import { parseManifest } from '../resource/manifest.ts';
import type { ManifestObject } from '../resource/manifest.ts';
import type { AnyObject } from '../resource/object.ts';
import { readObject, selectObjects } from '../resource/selection.ts';
import type { Selected, SelectionOptions } from '../resource/selection.ts';
import type { Verb } from '../verb.ts';
import { beginWriting, send } from '../writing.ts';
import type { WriteOptions, Writing } from '../writing.ts';
import { createOne } from './create.ts';
import type { CreateOptions } from './create.ts';

export interface EditOptions extends SelectionOptions, WriteOptions {
  saveConfig?: boolean;
  outputPatch?: boolean;
  subresource?: string;
}

const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

/** A way to store what was edited. Throws what the server refuses. */
type Store = (edited: ManifestObject) => Promise<void>;

const withoutComments = (text: string): string => text.split('\n').filter((line) => !/^\s*#/.test(line)).join('\n').trim();

const commented = (text: string): string => text.trimEnd().split('\n').map((line) => `# ${line}\n`).join('');

function parseEdited(text: string): ManifestObject[] {
  const { documents, errors } = parseManifest(text, 'edited file');
  if (errors[0] !== undefined) throw new CommandError(`The edited file had a syntax error: ${errors[0].message}`, { cause: errors[0] });
  return documents.map(({ object }) => object);
}

/** Stores every object; answers what was wrong, for the user to mend. A conflict or a missing object cannot be mended here. */
async function storeAll(edited: readonly ManifestObject[], store: Store): Promise<string> {
  const problems: string[] = [];
  for (const object of edited) {
    try {
      await store(object);
    } catch (error) {
      if (!(error instanceof ApiStatusError) || (error.reason !== 'Invalid' && error.reason !== 'BadRequest')) throw error;
      problems.push(`${groupKindOf(object)} "${object.metadata.name}" was not valid:\n${explainError(error, '')}`);
    }
  }
  return problems.join('\n');
}

/** What is wrong with the text, '' when all of it is stored. */
async function takeEdited(text: string, store: Store): Promise<string> {
  let edited: ManifestObject[];
  try {
    edited = parseEdited(text);
  } catch (error) {
    return (error as Error).message;
  }
  return storeAll(edited, store);
}

/** Opens the editor again and again until what is saved can be stored, nothing changes, or the file is empty. */
async function editUntilStored(factory: Factory, file: EditedFile, original: string, store: Store): Promise<void> {
  let before = original;
  let problem = '';
  for (;;) {
    const edited = await file.edit(`${HEADER}${problem === '' ? '' : `${commented(problem)}#\n`}${before}`);
    const content = withoutComments(edited);
    if (content === withoutComments(before)) {
      if (problem !== '') throw new CommandError('Edit cancelled, no valid changes were saved.');
      factory.io.err('Edit cancelled, no changes made.\n');
      return;
    }
    if (content === '') {
      factory.io.err('Edit cancelled, saved file was empty.\n');
      return;
    }
    problem = await takeEdited(edited, store);
    if (problem === '') return;
    factory.io.err(`error: ${problem}\n`);
    before = edited.split('\n').filter((line) => !line.startsWith('#')).join('\n');
  }
}

async function editObjects(factory: Factory, objects: readonly AnyObject[], output: string, store: Store): Promise<void> {
  if (output !== 'yaml' && output !== 'json') throw new CommandError(`unable to match a printer suitable for the output format "${output}", allowed formats are: json,yaml`);
  const shown = objects.length === 1 && objects[0] !== undefined ? objects[0] : toList(objects);
  const text = output === 'json' ? formatJson(shown) : await formatYaml(shown);
  const file = await EditedFile.create(factory.io, `.${output}`);
  try {
    await editUntilStored(factory, file, text, store);
    await file.remove();
  } catch (error) {
    if (file.isEdited) factory.io.err(`A copy of your changes has been stored to "${file.path}"\n`);
    else await file.remove();
    throw error;
  }
}

const withManagedFields = (edited: ManifestObject, live: AnyObject): ManifestObject =>
  live.metadata?.managedFields === undefined ? edited : { ...edited, metadata: { ...edited.metadata, managedFields: live.metadata.managedFields } };

async function storeChange(writing: Writing, target: Selected, live: AnyObject, edited: ManifestObject, options: EditOptions): Promise<void> {
  const wanted = options.saveConfig === true ? withLastApplied(edited) : edited;
  const made = await twoWayPatch(live, withManagedFields(wanted, live));
  if (made === undefined) return writing.print(live, 'skipped');
  if (options.outputPatch === true) writing.factory.io.out(`Patch: ${JSON.stringify(made.patch)}\n`);
  const after = await send(writing, { ...target, method: 'PATCH', body: made.patch, contentType: made.type, subresource: options.subresource });
  await writing.print(after, 'edited');
}

/** Opens objects in an editor and stores what changed. */
export async function edit(factory: Factory, words: string[], options: EditOptions): Promise<number> {
  const { output = 'yaml', ...plain } = options;
  const writing = await beginWriting(factory, plain, 'kubectl-edit');
  const targets = await selectObjects(factory, words, options, writing.failures);
  if (targets.length === 0) throw new CommandError('edit cancelled, no objects found');
  const open = await Promise.all(targets.map(async (target) => ({ target, live: await readObject(factory, target) })));
  await editObjects(factory, open.map(({ live }) => live), output, async (edited) => {
    const found = open.find(({ live }) => live.kind === edited.kind && live.apiVersion === edited.apiVersion && live.metadata?.name === edited.metadata.name);
    if (found === undefined) throw new CommandError('At least one of apiVersion, kind and name was changed');
    await storeChange(writing, found.target, found.live, edited, options);
  });
  return writing.failures.exitCode;
}

/** `create --edit`: every object of the files goes through the editor before it is created. */
export async function createEdited(factory: Factory, options: CreateOptions): Promise<number> {
  const { output = 'yaml', ...plain } = options;
  const writing = await beginWriting(factory, plain, 'kubectl-create');
  await forEachManifest(factory, options, writing.failures, async (target) => {
    await editObjects(factory, [target.object], output, async (edited) => {
      const object = options.saveConfig === true ? withLastApplied(edited) : edited;
      await writing.print(await createOne(writing, { ...target, object, source: 'edited file' }), 'created');
    });
  });
  return writing.failures.exitCode;
}

export const verb: Verb<EditOptions> = {
  usage: '(TYPE NAME | -f FILE) [flags]',
  flags: (command) => {
    fileFlags(command);
    writeFlags(command);
    validateFlag(command);
    command
      .option('-l, --selector <selector>', 'label selector')
      .option('--save-config', 'keep the text in the annotation that apply uses')
      .option('--output-patch', 'print the patch that is sent')
      .option('--subresource <name>', 'status, scale or resize in place of the object');
  },
  run: edit,
};
