import type { Command } from 'commander';
import { changePairs, pairsPatch, splitPairs } from '../apply/metadata-pairs.ts';
import type { Pairs } from '../apply/metadata-pairs.ts';
import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { fileFlags, selectionFlags, writeFlags } from '../flags.ts';
import type { AnyObject } from '../resource/object.ts';
import { readObject, selectObjects } from '../resource/selection.ts';
import type { Selected, SelectionOptions } from '../resource/selection.ts';
import { beginWriting, send } from '../writing.ts';
import type { WriteOptions, Writing } from '../writing.ts';

export interface ChangeMetadataOptions extends SelectionOptions, WriteOptions {
  overwrite?: boolean;
  list?: boolean;
  local?: boolean;
  resourceVersion?: string;
}

/** What label and annotate do differently. */
export interface MetadataSubject {
  field: 'labels' | 'annotations';
  /** `label` or `annotation`. */
  noun: string;
  fieldManager: string;
  /** Throws for changes that cannot be. */
  parse: (changes: readonly string[]) => Pairs;
  /** What is said when values would change that are there; undefined for none. */
  refuse: (taken: readonly [key: string, value: string][]) => string | undefined;
  done: (added: boolean, removed: boolean) => string;
  /** Called for a key that is to be removed and is not there. */
  missing?: (factory: Factory, key: string) => void;
}

function checkOptions(options: ChangeMetadataOptions, objects: readonly string[], changes: readonly string[], { noun }: MetadataSubject): void {
  const { all, selector, fieldSelector, list, output, local, dryRun, filename } = options;
  if (list === true && output !== undefined) throw new CommandError('--list and --output may not be specified together');
  if (all === true && selector !== undefined) throw new CommandError('cannot set --all and --selector at the same time');
  if (all === true && fieldSelector !== undefined) throw new CommandError('cannot set --all and --field-selector at the same time');
  if (local === true && dryRun === 'server') throw new CommandError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
  if (local === true && objects.length > 0) throw new CommandError('can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set');
  if (local === true && filename === undefined) throw new CommandError('one or more files must be specified as -f pod.yaml or --filename=pod.json');
  if (objects.length === 0 && filename === undefined) throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  if (changes.length === 0 && list !== true) throw new CommandError(`at least one ${noun} update is required`);
}

/** One command: what it changes, and on what terms. */
interface Change {
  writing: Writing;
  subject: MetadataSubject;
  pairs: Pairs;
  options: ChangeMetadataOptions;
}

function refuseOverwrites({ subject, pairs, options }: Change, before: Readonly<Record<string, string>>): void {
  if (options.overwrite === true) return;
  const taken = [...pairs.set].flatMap(([key, value]): [string, string][] => {
    const present = before[key];
    return present === undefined || present === value ? [] : [[key, present]];
  });
  const message = subject.refuse(taken);
  if (message !== undefined) throw new CommandError(message);
}

/** The object as it is to be, and what is said of it. */
interface Changed {
  object: AnyObject;
  differs: boolean;
  done: string;
}

function changed(change: Change, live: AnyObject): Changed {
  const { writing, subject, pairs } = change;
  const before = live.metadata?.[subject.field] ?? {};
  for (const key of pairs.remove) if (!Object.hasOwn(before, key)) subject.missing?.(writing.factory, key);
  refuseOverwrites(change, before);
  const { values, added, removed } = changePairs(before, pairs);
  return { object: { ...live, metadata: { ...live.metadata, [subject.field]: values } }, differs: added || removed, done: subject.done(added, removed) };
}

async function changeOne(change: Change, target: Selected): Promise<void> {
  const { writing, subject, pairs, options } = change;
  const { object, differs, done } = changed(change, await readObject(writing.factory, target));
  const sends = writing.dryRun !== 'client' && (differs || options.resourceVersion !== undefined);
  const body = pairsPatch(subject.field, pairs, options.resourceVersion);
  await writing.print(sends ? await send(writing, { ...target, method: 'PATCH', body, contentType: 'application/merge-patch+json' }) : object, done);
}

function listOne({ writing, subject }: Change, { metadata, kind, apiVersion = '' }: AnyObject, single: boolean): void {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const { io } = writing.factory;
  if (!single) io.out(`Listing ${subject.field} for ${kind}.${group}/${metadata?.name}:\n`);
  for (const [key, value] of Object.entries(metadata?.[subject.field] ?? {})) io.out(`${single ? '' : ' '}${key}=${value}\n`);
}

/** The objects of files, as they stand there. */
async function changeLocally(change: Change): Promise<number> {
  const { writing, options } = change;
  const { forEachDocument } = await import('../resource/manifest-targets.ts');
  const found: AnyObject[] = [];
  await forEachDocument(writing.factory, options, writing.failures, async ({ object }) => void found.push(object));
  for (const live of found) {
    if (options.list === true) listOne(change, live, found.length === 1);
    else await writing.failures.attempt(async () => {
      const { object, done } = changed(change, live);
      await writing.print(object, done);
    });
  }
  return writing.failures.exitCode;
}

/** Sets and removes labels or annotations of objects. */
export async function changeMetadata(factory: Factory, words: string[], options: ChangeMetadataOptions, subject: MetadataSubject): Promise<number> {
  const { objects, changes } = splitPairs(words, subject.noun);
  checkOptions(options, objects, changes, subject);
  const writing = await beginWriting(factory, options, subject.fieldManager);
  const change: Change = { writing, subject, options, pairs: subject.parse(changes) };
  if (options.local === true) return changeLocally(change);
  const targets = await selectObjects(factory, objects, options, writing.failures);
  if (targets.length !== 1 && options.resourceVersion !== undefined) throw new CommandError('--resource-version may only be used with a single resource');
  for (const target of targets) {
    await writing.failures.attempt(async () => (options.list === true ? listOne(change, await readObject(factory, target), targets.length === 1) : changeOne(change, target)));
  }
  return writing.failures.exitCode;
}

export function metadataFlags(command: Command): void {
  fileFlags(command);
  selectionFlags(command);
  writeFlags(command);
  command
    .option('--overwrite', 'a value that is there may change')
    .option('--list', 'print what is there')
    .option('--local', 'change the files and send nothing')
    .option('--resource-version <version>', 'only if the object still has this version');
}
