import type { Command } from 'commander';
import { CommandError, usageError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { dryRunFlag } from '../flags.ts';
import type { AnyObject } from '../resource/object.ts';
import { selectNodes } from '../resource/selected-nodes.ts';
import type { SelectedNode } from '../resource/selected-nodes.ts';
import type { Verb } from '../verb.ts';
import { beginWriting, send } from '../writing.ts';
import type { Writing } from '../writing.ts';

export interface CordonOptions {
  selector?: string;
  dryRun?: string;
}

/** The nodes that a command about whole nodes is for. */
export async function nodesFor(verb: string, factory: Factory, words: readonly string[], { selector }: CordonOptions): Promise<SelectedNode[]> {
  if (words.length === 0 && selector === undefined) throw usageError(verb, `USAGE: ${verb} NODE [flags]`);
  if (words.length > 0 && selector !== undefined) throw usageError(verb, 'cannot specify both a node name and a --selector option');
  return selectNodes(factory, words, selector === undefined ? {} : { selector });
}

/** Whether new pods may come to the node. Says so, and whether that was so before. */
export async function setUnschedulable(writing: Writing, { mapping, node }: SelectedNode, wanted: boolean): Promise<void> {
  const isCordoned = node.spec?.unschedulable ?? false;
  const done = wanted ? 'cordoned' : 'uncordoned';
  if (isCordoned !== wanted && writing.dryRun !== 'client') {
    const body = { spec: { unschedulable: wanted ? true : null } };
    const { name } = node.metadata;
    await send(writing, { method: 'PATCH', mapping, namespace: undefined, name, body, contentType: 'application/strategic-merge-patch+json' });
  }
  await writing.print(node as unknown as AnyObject, isCordoned === wanted ? `already ${done}` : done);
}

async function setAll(factory: Factory, words: readonly string[], options: CordonOptions, wanted: boolean): Promise<number> {
  const verb = wanted ? 'cordon' : 'uncordon';
  const writing = await beginWriting(factory, options, 'kubectl');
  for (const selected of await nodesFor(verb, factory, words, options)) {
    await writing.failures.attempt(async () => {
      try {
        await setUnschedulable(writing, selected, wanted);
      } catch (cause) {
        throw new CommandError(`unable to ${verb} node ${JSON.stringify(selected.node.metadata.name)}: ${(cause as Error).message}`, { cause });
      }
    });
  }
  return writing.failures.exitCode;
}

/** `CordonOptions` */
export function cordonFlags(command: Command): void {
  command.option('-l, --selector <selector>', 'the nodes with these labels');
  dryRunFlag(command);
}

export const verb: Verb<CordonOptions> = {
  usage: 'NODE... | -l SELECTOR [flags]',
  flags: cordonFlags,
  run: (factory, words, options) => setAll(factory, words, options, true),
};

export const uncordon: Verb<CordonOptions> = { ...verb, run: (factory, words, options) => setAll(factory, words, options, false) };
