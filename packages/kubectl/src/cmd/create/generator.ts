import { ApiStatusError } from '@podling/shared/errors';
import type { Command } from 'commander';
import { withLastApplied } from '../../apply/last-applied.ts';
import { CommandError, usageError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { validateFlag, writeFlags } from '../../flags.ts';
import type { AnyObject } from '../../resource/object.ts';
import type { ManifestObject } from '../../resource/manifest.ts';
import type { Verb } from '../../verb.ts';
import { beginWriting, send } from '../../writing.ts';
import type { Write, WriteOptions, Writing } from '../../writing.ts';

export interface GeneratorOptions extends WriteOptions {
  saveConfig?: boolean;
}

export interface Generator<Options extends GeneratorOptions> {
  /** As typed: `create secret tls`. */
  name: string;
  usage?: string;
  /** Stands before what the server says against it. */
  failure?: string;
  flags?: (command: Command) => void;
  /** Makes the object from name and flags; the namespace is put in for it. */
  make: (name: string, options: Options, factory: Factory) => Promise<ManifestObject> | ManifestObject;
}

async function createGenerated<Options extends GeneratorOptions>(
  generator: Generator<Options>,
  factory: Factory,
  words: readonly string[],
  options: Options,
): Promise<number> {
  const [name] = words;
  if (name === undefined || words.length > 1) throw usageError(generator.name, `exactly one NAME is required, got ${words.length}`);
  if (name === '') throw new CommandError('name must be specified');
  const writing = await beginWriting(factory, options, 'kubectl-create');
  const made = await generator.make(name, options, factory);
  const object = options.saveConfig === true ? withLastApplied(made) : made;
  if (writing.dryRun === 'client') {
    await writing.print(inAskedNamespace(factory, object), 'created');
    return 0;
  }
  const mapping = await (await factory.mapper()).forKind(object.apiVersion, object.kind);
  if (mapping === undefined) throw new CommandError(`the server does not serve ${object.kind} in ${object.apiVersion}`);
  const namespace = mapping.namespaced ? await factory.namespace() : undefined;
  await writing.print(await post(writing, { method: 'POST', mapping, namespace, body: object }, generator.failure), 'created');
  return 0;
}

async function post(writing: Writing, write: Write, failure: string | undefined): Promise<AnyObject> {
  try {
    return await send(writing, write);
  } catch (error) {
    if (failure === undefined || !(error instanceof ApiStatusError)) throw error;
    throw new CommandError(`${failure} ${error.message}`, { cause: error });
  }
}

/** Without a server, the namespace is only known when it is typed. */
function inAskedNamespace({ askedNamespace: namespace }: Factory, object: ManifestObject): ManifestObject {
  return namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } };
}

/** A command that makes one object of a kind from a name and flags. */
export function generatorVerb<Options extends GeneratorOptions>(generator: Generator<Options>): Verb<Options> {
  return {
    usage: generator.usage ?? 'NAME [flags]',
    flags: (command) => {
      writeFlags(command);
      validateFlag(command);
      command.option('--save-config', 'keep the text in the annotation that apply uses');
      generator.flags?.(command);
    },
    run: (factory, words, options, atDash) => createGenerated(generator, factory, atDash === undefined ? words : words.slice(0, atDash), options),
  };
}
