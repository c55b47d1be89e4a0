import { isNotFound } from '@podling/shared/errors';
import type { Pod } from '@podling/shared/api';
import { withLastApplied } from '../apply/last-applied.ts';
import { parseDuration } from '../duration.ts';
import { CommandError, usageError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { collectEach, durationOption, validateFlag, writeFlags } from '../flags.ts';
import { overridden } from '../generate/overrides.ts';
import { runPod, runService } from '../generate/run-pod.ts';
import type { RunPodOptions } from '../generate/run-pod.ts';
import type { ManifestObject } from '../resource/manifest.ts';
import type { AnyObject } from '../resource/object.ts';
import { podPath } from '../resource/attachable-pod.ts';
import { hasEnded, isRunningAndReady, waitForPod } from '../resource/wait-for-pod.ts';
import { printLogSoFar } from '../session/attached-pod.ts';
import { DEFAULT_DETACH_KEYS } from '@podling/shared/terminal';
import type { Verb } from '../verb.ts';
import { beginWriting, send } from '../writing.ts';
import type { WriteOptions, Writing } from '../writing.ts';
import { attachTo } from './attach.ts';

export interface RunOptions extends RunPodOptions, WriteOptions {
  rm?: boolean;
  attach?: boolean;
  expose?: boolean;
  quiet?: boolean;
  overrides?: string;
  overrideType: string;
  saveConfig?: boolean;
  detachKeys: string;
  podRunningTimeout: string;
}

const IMAGE = /^(?:[\w.-]+(?::\d+)?\/)*[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][\w+.-]*:[0-9a-fA-F]{32,})?$/;
const POLICIES = ['', 'Always', 'OnFailure', 'Never'];
const PULL_POLICIES = ['', 'Always', 'IfNotPresent', 'Never'];

export const isPullPolicy = (policy = ''): boolean => PULL_POLICIES.includes(policy);

export function checkImage(image: string, said: string): void {
  if (!IMAGE.test(image)) throw new CommandError(`${said} ${JSON.stringify(image)}: invalid reference format`);
}

const usage = (message: string): CommandError => usageError('run', message);

function check(words: readonly string[], options: RunOptions, { attaches, dryRuns }: { attaches: boolean; dryRuns: boolean }): void {
  const { image = '', tty = false, stdin = false, rm = false, expose = false, restart, imagePullPolicy } = options;
  if (words.length === 0) throw usage('NAME is required for run');
  if (image === '') throw new CommandError('required flag(s) "image" not set');
  checkImage(image, 'Invalid image name');
  if (tty && !stdin) throw usage('-i/--stdin is required for containers with -t/--tty=true');
  if (expose && (options.port ?? '') === '') throw usage('--port must be set when exposing a service');
  if (!POLICIES.includes(restart)) throw usage(`invalid restart policy: ${restart}`);
  if (!attaches && rm) throw usage('--rm should only be used for attached containers');
  if (attaches && dryRuns) throw usage("--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)");
  if (!isPullPolicy(imagePullPolicy)) throw usage(`invalid image pull policy: ${imagePullPolicy}`);
}

async function createObject({ factory, dryRun, ...writing }: Writing, object: ManifestObject): Promise<AnyObject> {
  const namespace = factory.askedNamespace;
  if (dryRun === 'client') return namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } };
  const mapping = await (await factory.mapper()).forKind(object.apiVersion, object.kind);
  if (mapping === undefined) throw new CommandError(`the server does not serve ${object.kind} in ${object.apiVersion}`);
  const { status: _, ...body } = object;
  return send({ factory, ...writing }, { method: 'POST', mapping, namespace: await factory.namespace(), body });
}

/** Creates a pod of one container; attached, its end is the command's. */
export async function run(factory: Factory, words: string[], options: RunOptions, atDash: number | undefined): Promise<number> {
  const attaches = options.attach ?? options.stdin === true;
  const writing = await beginWriting(factory, options, 'kubectl-run');
  check(words.slice(0, atDash ?? words.length), options, { attaches, dryRuns: writing.dryRun !== 'none' });
  const [name = '', ...args] = words;
  const made = await overridden(runPod(name, args, options), options);
  const pod = await createObject(writing, options.saveConfig === true ? withLastApplied(made) : made);
  if (options.expose === true) await writing.print(await createObject(writing, runService(name, options)), 'created');
  if (options.expose === true && options.output === 'yaml') factory.io.out('---\n');
  if (attaches) return runAttached(factory, pod as unknown as Pod, options);
  await writing.print(pod, 'created');
  return 0;
}

async function runAttached(factory: Factory, { metadata: { name, namespace = '' } }: Pod, options: RunOptions): Promise<number> {
  const signal = factory.io.takeInterrupts();
  const timeoutMs = await parseDuration(options.podRunningTimeout, 'pod-running-timeout');
  const rest = await factory.client();
  try {
    const pod = await waitForPod(rest, { namespace, name, timeoutMs, signal, until: (one) => hasEnded(one) || isRunningAndReady(one) });
    await follow(factory, pod, options, signal);
    const { restart, leaveStdinOpen = false } = options;
    if (leaveStdinOpen || (restart !== 'Never' && restart !== 'OnFailure')) return 0;
    const until = restart === 'Never' ? hasEnded : (one: Pod): boolean => one.status?.phase === 'Succeeded';
    return exitCodeOf(factory, await waitForPod(rest, { namespace, name, timeoutMs, signal, until }));
  } finally {
    if (options.rm === true) await remove(factory, { name, namespace }, options);
  }
}

async function follow(factory: Factory, pod: Pod, options: RunOptions, signal: AbortSignal): Promise<void> {
  const container = pod.spec.containers[0]?.name ?? '';
  if (hasEnded(pod)) return printLogSoFar(factory, pod, container);
  const early = printLogSoFar(factory, pod, container);
  await early.catch((error: unknown) => factory.warn(`couldn't fetch pre-attach logs: ${(error as Error).message}`));
  try {
    await attachTo(factory, pod, { ...options, container, signal });
  } catch (error) {
    factory.io.err(`warning: couldn't attach to pod/${pod.metadata.name}, falling back to streaming logs: ${(error as Error).message}\n`);
    await printLogSoFar(factory, pod, container);
  }
}

function exitCodeOf({ io }: Factory, { metadata: { name, namespace }, status }: Pod): number {
  if (status?.phase !== 'Failed') return 0;
  const ended = status.containerStatuses?.[0]?.state?.terminated;
  if (ended === undefined || ended.exitCode === 0) throw new CommandError(`pod ${namespace}/${name} failed with unknown exit code`);
  io.err(`pod ${namespace}/${name} terminated (${ended.reason ?? ''})\n${ended.message ?? ''}\n`);
  return ended.exitCode;
}

async function remove(factory: Factory, { name, namespace }: { name: string; namespace: string }, { quiet = false }: RunOptions): Promise<void> {
  const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' };
  try {
    await (await factory.client()).request({ method: 'DELETE', path: podPath(namespace, name), body });
    if (!quiet) factory.io.out(`pod "${name}" deleted from ${namespace} namespace\n`);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

export const verb: Verb<RunOptions> = {
  usage: 'NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  flags: (command) => {
    writeFlags(command);
    validateFlag(command);
    command
      .option('--image <image>', 'the image of the container')
      .option('--image-pull-policy <policy>', 'Always, IfNotPresent or Never; if left out, the server decides')
      .option('--env <name=value>', 'a variable of the container', collectEach)
      .option('--port <port>', 'a port that the container serves')
      .option('-l, --labels <labels>', 'labels of the pod, with commas between them')
      .option('--annotations <key=value>', 'an annotation of the pod', collectEach)
      .option('--restart <policy>', 'Always, OnFailure or Never', 'Always')
      .option('--command', 'the words behind -- are the command, not its arguments')
      .option('-i, --stdin', 'keep standard input open, and attach')
      .option('-t, --tty', 'a terminal for the container')
      .option('--attach', 'wait for the pod and attach; with --restart=Never its exit code is the answer')
      .option('--leave-stdin-open', 'standard input stays open after the first attach')
      .option('--rm', 'delete the pod afterwards')
      .option('--expose', 'a service for the pod, with --port')
      .option('--privileged', 'a privileged container')
      .option('-q, --quiet', 'print only what the container prints')
      .option('--overrides <json>', 'JSON that is merged into the pod')
      .option('--override-type <type>', 'how: merge, strategic or json', 'merge')
      .option('--save-config', 'keep the text in the annotation that apply uses')
      .option('--detach-keys <keys>', 'the keys to leave with', DEFAULT_DETACH_KEYS)
      .addOption(durationOption('--pod-running-timeout <duration>', 'how long to wait for the pod').default('1m'));
  },
  run,
};
