import { withLastApplied } from '../apply/last-applied.ts';
import { CommandError, refuseWords, withSource } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { durationOption, fileFlags, numberOption, validateFlag, writeFlags } from '../flags.ts';
import { forEachManifest } from '../resource/manifest-targets.ts';
import type { ManifestTarget } from '../resource/manifest-targets.ts';
import { sendRaw } from '../resource/raw.ts';
import type { Verb } from '../verb.ts';
import { beginWriting, send } from '../writing.ts';
import type { Writing } from '../writing.ts';
import { createOne } from './create.ts';
import type { CreateOptions } from './create.ts';
import { deleteAndWait } from './delete.ts';

export interface ReplaceOptions extends CreateOptions {
  force?: boolean;
  gracePeriod: number;
  timeout: string;
  subresource?: string;
}

function checkOptions({ force = false, gracePeriod, timeout, dryRun = 'none', filename }: ReplaceOptions): void {
  if (!force && gracePeriod >= 0) throw new CommandError('--grace-period must have --force specified');
  if (!force && timeout !== '0') throw new CommandError('--timeout must have --force specified');
  if (force && dryRun !== 'none') throw new CommandError('--dry-run can not be used when --force is set');
  if (filename === undefined) throw new CommandError('must specify -f');
}

async function replaceOne(writing: Writing, target: ManifestTarget, subresource: string | undefined): Promise<void> {
  const { mapping, namespace, object, source } = target;
  const { name } = object.metadata;
  if (name === undefined || name === '') throw new CommandError(`error parsing ${source}: metadata.name not set: replace needs the name of what is there`);
  if (writing.dryRun === 'client') return writing.print(object, 'replaced');
  try {
    await writing.print(await send(writing, { method: 'PUT', mapping, namespace, name, subresource, body: object }), 'replaced');
  } catch (error) {
    throw withSource(error, 'replacing', source);
  }
}

/** Deletes all, waits until they are gone, and creates them anew. As upstream, a grace period of 0 is one of a second. */
async function forceReplace(writing: Writing, targets: readonly ManifestTarget[], options: ReplaceOptions): Promise<void> {
  const doomed = targets.map((target) => ({ ...target, name: target.object.metadata.name ?? '' }));
  await deleteAndWait(writing.factory, doomed, { ...options, force: false, wait: true, ignoreNotFound: true }, writing.failures);
  for (const target of targets) await writing.failures.attempt(async () => writing.print(await createOne(writing, target), 'replaced'));
}

/** Puts the objects of files in the place of those that are there. */
export async function replace(factory: Factory, words: string[], options: ReplaceOptions): Promise<number> {
  refuseWords('replace', words);
  checkOptions(options);
  if (options.raw !== undefined) return sendRaw(factory, 'PUT', options);
  const writing = await beginWriting(factory, options, 'kubectl-replace');
  const targets: ManifestTarget[] = [];
  await forEachManifest(factory, options, writing.failures, async (target) => {
    targets.push(options.saveConfig === true ? { ...target, object: withLastApplied(target.object) } : target);
  });
  if (options.force === true) await forceReplace(writing, targets, options);
  else for (const target of targets) await writing.failures.attempt(() => replaceOne(writing, target, options.subresource));
  return writing.failures.exitCode;
}

export const verb: Verb<ReplaceOptions> = {
  usage: '-f FILE [flags]',
  flags: (command) => {
    fileFlags(command);
    writeFlags(command);
    validateFlag(command);
    command
      .option('--force', 'delete the objects and create them anew')
      .addOption(numberOption('--grace-period <seconds>', 'time to stop in, with --force; below 0 the object decides').default(-1))
      .addOption(durationOption('--timeout <duration>', 'how long to wait until they are gone, with --force; 0 = for ever').default('0'))
      .option('--save-config', 'keep the text in the annotation that apply uses')
      .option('--subresource <name>', 'status, scale or resize in place of the object')
      .option('--raw <path>', 'PUT the file to this path');
  },
  run: replace,
};
