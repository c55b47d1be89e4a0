import { withLastApplied } from '../apply/last-applied.ts';
import { CommandError, refuseWords, withSource } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { fileFlags, validateFlag, writeFlags } from '../flags.ts';
import type { AnyObject } from '../resource/object.ts';
import type { FileOptions } from '../resource/manifest-files.ts';
import { forEachManifest } from '../resource/manifest-targets.ts';
import type { ManifestTarget } from '../resource/manifest-targets.ts';
import { sendRaw } from '../resource/raw.ts';
import type { Verb, VerbTable } from '../verb.ts';
import { beginWriting, send } from '../writing.ts';
import type { WriteOptions, Writing } from '../writing.ts';

export interface CreateOptions extends FileOptions, WriteOptions {
  saveConfig?: boolean;
  raw?: string;
  edit?: boolean;
}

const FIELD_MANAGER = 'kubectl-create';

/** POSTs the object; an error of the server names the file. */
export async function createOne(writing: Pick<Writing, 'factory' | 'query'>, { object, mapping, namespace, source }: ManifestTarget): Promise<AnyObject> {
  try {
    return await send(writing, { method: 'POST', mapping, namespace, body: object });
  } catch (error) {
    throw withSource(error, 'creating', source);
  }
}

async function edited(factory: Factory, options: CreateOptions): Promise<number> {
  const { createEdited } = await import('./edit.ts');
  return createEdited(factory, options);
}

/** Creates every object of the files; one that exists already is an error. */
export async function create(factory: Factory, words: string[], options: CreateOptions): Promise<number> {
  refuseWords('create', words);
  if (options.raw !== undefined && options.edit === true) throw new CommandError('--raw and --edit are mutually exclusive');
  if (options.raw !== undefined) return sendRaw(factory, 'POST', options);
  if (options.edit === true) return edited(factory, options);
  const writing = await beginWriting(factory, options, FIELD_MANAGER);
  const count = await forEachManifest(factory, options, writing.failures, async (target) => {
    const wanted = options.saveConfig === true ? { ...target, object: withLastApplied(target.object) } : target;
    await writing.print(writing.dryRun === 'client' ? wanted.object : await createOne(writing, wanted), 'created');
  });
  if (count === 0) throw new CommandError('no objects passed to create');
  return writing.failures.exitCode;
}

const verbs: VerbTable = {
  namespace: { summary: 'Create a namespace', aliases: ['ns'], load: async () => (await import('./create/namespace.ts')).verb },
  configmap: { summary: 'Create a config map from files, folders or literal values', aliases: ['cm'], load: async () => (await import('./create/config-map.ts')).verb },
  secret: { summary: 'Create a secret', load: async () => (await import('./create/secret.ts')).verb },
  serviceaccount: { summary: 'Create a service account', aliases: ['sa'], load: async () => (await import('./create/service-account.ts')).verb },
  token: { summary: 'Request a token of a service account', load: async () => (await import('./create/token.ts')).verb },
  priorityclass: { summary: 'Create a priority class', aliases: ['pc'], load: async () => (await import('./create/priority-class.ts')).verb },
  service: { summary: 'Create a service', aliases: ['svc'], load: async () => (await import('./create/service.ts')).verb },
  poddisruptionbudget: { summary: 'Create a pod disruption budget', aliases: ['pdb'], load: async () => (await import('./create/pod-disruption-budget.ts')).verb },
};

export const verb: Verb<CreateOptions> = {
  usage: '(-f FILE | TYPE NAME) [flags]',
  flags: (command) => {
    fileFlags(command);
    writeFlags(command);
    validateFlag(command);
    command
      .option('-l, --selector <selector>', 'only the objects of the files with these labels')
      .option('--save-config', 'keep the text in the annotation that apply uses')
      .option('--edit', 'edit the objects before they are created')
      .option('--raw <path>', 'POST the file to this path');
  },
  run: create,
  verbs,
};
