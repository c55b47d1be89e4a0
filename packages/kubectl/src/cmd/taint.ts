import { CommandError, usageError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { validateFlag, writeFlags } from '../flags.ts';
import type { AnyObject } from '../resource/object.ts';
import { selectNodes } from '../resource/selected-nodes.ts';
import type { SelectedNode } from '../resource/selected-nodes.ts';
import type { Verb } from '../verb.ts';
import { beginWriting, send } from '../writing.ts';
import type { WriteOptions, Writing } from '../writing.ts';
import { changeTaints, parseTaints } from './taint/taints.ts';
import type { TaintChanges } from './taint/taints.ts';

interface TaintOptions extends WriteOptions {
  selector?: string;
  all?: boolean;
  overwrite?: boolean;
}

interface TaintWords {
  names: string[];
  changes: TaintChanges;
}

const isTaint = (word: string): boolean => /[=:]|-$/.test(word);

async function parseWords(factory: Factory, words: readonly string[], { selector, all }: TaintOptions): Promise<TaintWords> {
  const first = words.findIndex(isTaint);
  const [type, ...names] = first < 0 ? words : words.slice(0, first);
  const specs = first < 0 ? [] : words.slice(first);
  const stray = specs.find((word) => !isTaint(word));
  if (stray !== undefined) throw new CommandError(`all resources must be specified before taint changes: ${stray}`);
  if (type === undefined) throw new CommandError('one or more resources must be specified as <resource> <name>');
  if (specs.length === 0) throw new CommandError('at least one taint update is required');
  const [mapping] = await (await factory.mapper()).resolve(type);
  if (mapping?.kind !== 'Node') throw new CommandError(`invalid resource type ${type}, only node types are supported`);
  const changes = parsedTaints(specs);
  if (all === true && selector !== undefined) throw new CommandError("setting 'all' parameter with a non empty selector is prohibited");
  if (all !== true && selector === undefined && names.length === 0) throw new CommandError("at least one resource name must be specified since 'all' parameter is not set");
  return { names, changes };
}

function parsedTaints(specs: readonly string[]): TaintChanges {
  try {
    return parseTaints(specs);
  } catch (error) {
    throw error instanceof CommandError ? usageError('taint', error.message) : error;
  }
}

async function taintNode(writing: Writing, { mapping, node }: SelectedNode, changes: TaintChanges, overwrite: boolean): Promise<void> {
  const { name } = node.metadata;
  const { taints, operation } = changeTaints(name, node.spec?.taints ?? [], changes, overwrite);
  if (writing.dryRun === 'client') {
    await writing.print({ ...node, spec: { ...node.spec, taints } } as unknown as AnyObject, operation);
    return;
  }
  const body = { spec: { taints: taints.length > 0 ? taints : null } };
  const written = await send(writing, { method: 'PATCH', mapping, namespace: undefined, name, body, contentType: 'application/strategic-merge-patch+json' });
  await writing.print(written, operation);
}

async function taint(factory: Factory, words: string[], options: TaintOptions): Promise<number> {
  const { names, changes } = await parseWords(factory, words, options);
  const writing = await beginWriting(factory, options, 'kubectl-taint');
  for (const selected of await selectNodes(factory, options.all === true || options.selector !== undefined ? [] : names, options)) {
    await writing.failures.attempt(() => taintNode(writing, selected, changes, options.overwrite === true));
  }
  return writing.failures.exitCode;
}

export const verb: Verb<TaintOptions> = {
  usage: 'node (NODE... | -l SELECTOR | --all) KEY=VALUE:EFFECT... KEY[:EFFECT]-... [flags]',
  flags: (command) => {
    command
      .option('-l, --selector <selector>', 'the nodes with these labels')
      .option('--all', 'every node')
      .option('--overwrite', 'a taint that is there may get another value');
    writeFlags(command);
    validateFlag(command);
  },
  run: taint,
};
