import { Option } from 'commander';
import { isNotFound } from '@podling/shared/errors';
import type { Status } from '@podling/shared/api';
import { parseDuration } from '../duration.ts';
import { CommandError, withSource } from '../errors.ts';
import { Failures } from '../failures.ts';
import type { Factory } from '../factory.ts';
import type { AnyObject } from '../resource/object.ts';
import type { Target } from '../resource/builder.ts';
import { qualifiedName, resourcePath, typeLabel } from '../resource/rest-mapping.ts';
import { selectObjects } from '../resource/selection.ts';
import type { Selected, SelectionOptions } from '../resource/selection.ts';
import { waitGone } from '../resource/wait-until.ts';
import { dryRunFlag, durationOption, fileFlags, numberOption, selectionFlags } from '../flags.ts';
import type { Verb } from '../verb.ts';
import { DRY_RUN_SUFFIXES, dryRunOf } from '../writing.ts';
import type { DryRun } from '../writing.ts';

export interface DeleteCommandOptions extends SelectionOptions {
  gracePeriod: number;
  force?: boolean;
  now?: boolean;
  wait: boolean;
  timeout: string;
  ignoreNotFound?: boolean;
  output?: string;
  dryRun?: string;
  cascade?: string;
  interactive?: boolean;
  raw?: string;
}

interface Deleted {
  target: Target;
  uid: string | undefined;
}

const FORCED =
  'Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.';

/** Undefined = the object's own. A grace period of 0 takes the object away before its node knows, so it needs --force. */
function gracePeriodSeconds({ gracePeriod: asked, ...options }: DeleteCommandOptions): number | undefined {
  if (options.now === true) {
    if (asked !== -1) throw new CommandError('--now and --grace-period cannot be specified together');
    return 1;
  }
  if (options.force === true) {
    if (asked > 0) throw new CommandError('--force and --grace-period greater than 0 cannot be specified together');
    return 0;
  }
  if (asked < 0) return undefined;
  return Math.max(asked, 1);
}

const isStatus = (answer: AnyObject | Status): answer is Status => answer.kind === 'Status';

const PROPAGATION: Readonly<Record<string, string>> = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan', true: 'Background', false: 'Orphan' };

function propagationPolicy(cascade: string): string {
  const policy = PROPAGATION[cascade];
  if (policy === undefined) throw new CommandError(`invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`);
  return policy;
}

interface DeleteTerms {
  grace: number | undefined;
  dryRun: DryRun;
  cascade: string | undefined;
}

async function deleteOne(factory: Factory, target: Target, { grace, dryRun, cascade = 'background' }: DeleteTerms): Promise<Deleted> {
  const rest = await factory.client();
  const body = {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: propagationPolicy(cascade),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(dryRun === 'server' ? { dryRun: ['All'] } : {}),
  };
  const answer = await rest.request<AnyObject | Status>({ method: 'DELETE', path: resourcePath(target.mapping, target), body });
  return { target, uid: isStatus(answer) ? answer.details?.uid : answer.metadata?.uid };
}

async function timeoutSignal(text: string): Promise<AbortSignal> {
  const timeoutMs = await parseDuration(text, 'timeout');
  return timeoutMs === 0 ? new AbortController().signal : AbortSignal.timeout(timeoutMs);
}

async function waitForAll(factory: Factory, deleted: readonly Deleted[], options: DeleteCommandOptions, failures: Failures): Promise<void> {
  const signal = await timeoutSignal(options.timeout);
  const rest = await factory.client();
  for (const { target, uid } of deleted) {
    await failures.attempt(async () => {
      try {
        await waitGone(rest, target, uid, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new CommandError(`timed out waiting for the condition on ${qualifiedName(target.mapping)}/${target.name}`, { cause: error });
      }
    });
  }
}

/** One command: how it deletes, and how it says so. */
interface Deleting {
  factory: Factory;
  grace: number | undefined;
  dryRun: DryRun;
  options: DeleteCommandOptions;
}

function say({ factory, grace, dryRun, options }: Deleting, target: Selected): void {
  const { mapping, name, namespace } = target;
  if (options.output === 'name') {
    factory.io.out(`${typeLabel(mapping)}/${name}\n`);
    return;
  }
  const where = namespace === undefined ? '' : ` from ${namespace} namespace`;
  factory.io.out(`${typeLabel(mapping)} "${name}" ${grace === 0 ? 'force deleted' : 'deleted'}${where}${DRY_RUN_SUFFIXES[dryRun]}\n`);
}

async function deleteSelected(deleting: Deleting, target: Selected): Promise<Deleted | undefined> {
  const { factory, grace, dryRun, options } = deleting;
  try {
    const deleted = dryRun === 'client' ? undefined : await deleteOne(factory, target, { grace, dryRun, cascade: options.cascade });
    say(deleting, target);
    return deleted;
  } catch (error) {
    if (isNotFound(error) && (options.ignoreNotFound === true || options.all === true)) return undefined;
    throw target.source === undefined ? error : withSource(error, 'deleting', target.source);
  }
}

/** Deletes the objects, says so, and waits until they are gone if the options say so. */
export async function deleteAndWait(factory: Factory, targets: readonly Selected[], options: DeleteCommandOptions, failures: Failures): Promise<void> {
  const grace = gracePeriodSeconds(options);
  const deleting: Deleting = { factory, grace, options, dryRun: dryRunOf(factory, options.dryRun ?? 'none') };
  if (grace === 0) factory.warn(FORCED);
  const deleted: Deleted[] = [];
  for (const target of targets) {
    const done = await failures.attempt(() => deleteSelected(deleting, target));
    if (done !== undefined) deleted.push(done);
  }
  if (options.wait && deleting.dryRun === 'none') await waitForAll(factory, deleted, options, failures);
}

async function deleteRaw(factory: Factory, words: readonly string[], options: DeleteCommandOptions): Promise<number> {
  if (words.length > 0) throw new CommandError('arguments may not be passed when --raw is specified');
  if (options.interactive === true) throw new CommandError('--interactive can not be used with --raw');
  const { sendRaw } = await import('../resource/raw.ts');
  return sendRaw(factory, 'DELETE', options);
}

async function isConfirmed({ io }: Factory, targets: readonly Selected[]): Promise<boolean> {
  const names = targets.map(({ mapping, name }) => `${typeLabel(mapping)}/${name}\n`).join('');
  io.out(`You are about to delete the following ${targets.length} resource(s):\n${names}Do you want to continue? (y/N): `);
  const { createInterface } = await import('node:readline');
  for await (const line of createInterface({ input: io.streams.stdin })) return line.trim().toLowerCase() === 'y';
  return false;
}

/** Deletes objects by name, selector or file, then waits until they are gone. */
async function deleteObjects(factory: Factory, words: string[], options: DeleteCommandOptions): Promise<number> {
  const { output = '', all, selector, interactive, raw } = options;
  if (raw !== undefined) return deleteRaw(factory, words, options);
  if (all === true && selector !== undefined) throw new CommandError("setting 'all' parameter but found a non empty selector.");
  if (output !== '' && output !== 'name') throw new CommandError(`unexpected -o output mode: ${output}. We only support '-o name'`);
  gracePeriodSeconds(options);
  const failures = new Failures(factory);
  const targets = await selectObjects(factory, words, options, failures);
  if (interactive === true && targets.length > 0 && !(await isConfirmed(factory, targets))) {
    factory.io.out('deletion is cancelled\n');
    return failures.exitCode;
  }
  await deleteAndWait(factory, targets, options, failures);
  if (targets.length === 0 && failures.exitCode === 0) factory.io.out('No resources found\n');
  return failures.exitCode;
}

export const verb: Verb<DeleteCommandOptions> = {
  usage: '(TYPE [NAME...] | TYPE/NAME... | -f FILE) [flags]',
  flags: (command) => {
    fileFlags(command);
    selectionFlags(command);
    dryRunFlag(command);
    command
      .option('-o, --output <format>', 'name: only print the names')
      .addOption(new Option('--cascade [mode]', 'what becomes of what belongs to the objects: background, foreground or orphan').preset('background'))
      .addOption(numberOption('--grace-period <seconds>', 'time to stop in; below 0 the object decides').default(-1))
      .option('--force', 'do not wait for the node to confirm; grace period 0')
      .option('--now', 'the same as --grace-period=1')
      .option('--no-wait', 'do not wait until the objects are gone')
      .addOption(durationOption('--timeout <duration>', 'how long to wait; 0 = for ever').default('0'))
      .option('-i, --interactive', 'ask before')
      .option('--raw <path>', 'DELETE this path, with what -f holds')
      .option('--ignore-not-found', 'an object that does not exist is no error');
  },
  run: deleteObjects,
};
