import type { Pod } from '@podling/shared/api';
import { parseDuration } from '../duration.ts';
import { CommandError, usageError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { durationOption, fileFlags } from '../flags.ts';
import { attachablePod, attachablePodOf, podPath } from '../resource/attachable-pod.ts';
import type { FileOptions } from '../resource/manifest-files.ts';
import { chooseContainer } from '../resource/pod-container.ts';
import { runSession } from '../session/session.ts';
import { wantsTty } from '../session/tty.ts';
import type { SessionFlags } from '../session/tty.ts';
import type { Verb } from '../verb.ts';

export interface ExecOptions extends SessionFlags, FileOptions {
  container?: string;
  podRunningTimeout: string;
}

const NO_DASH = 'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead';

export function refuseCompleted(verb: string, { status }: Pod): void {
  const { phase } = status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') throw new CommandError(`cannot ${verb} a container in a completed pod; current phase is ${phase}`);
}

async function podOf(factory: Factory, names: readonly string[], options: ExecOptions): Promise<Pod> {
  const timeoutMs = await parseDuration(options.podRunningTimeout, 'pod-running-timeout');
  if (options.filename === undefined) return (await attachablePod(factory, names.slice(0, 1), timeoutMs)).pod;
  const { selectFromFiles } = await import('../resource/selection.ts');
  return (await attachablePodOf(factory, await selectFromFiles(factory, names, options), timeoutMs)).pod;
}

/** Runs a command in a container; its exit code is the answer. */
export async function exec(factory: Factory, words: string[], options: ExecOptions, atDash: number | undefined): Promise<number> {
  if (atDash === undefined && words.length > (options.filename === undefined ? 1 : 0)) throw usageError('exec', NO_DASH);
  const names = words.slice(0, atDash ?? words.length);
  const command = words.slice(names.length);
  if (names.length === 0 && options.filename === undefined) throw new CommandError('pod, type/name or --filename must be specified');
  if (command.length === 0) throw new CommandError('you must specify at least one command for the container');
  const pod = await podOf(factory, names, options);
  refuseCompleted('exec into', pod);
  const { stdin = false, quiet = false } = options;
  const container = chooseContainer(pod, options.container, (line) => void (quiet || factory.io.err(line))).name;
  const tty = await wantsTty(factory, options);
  const path = podPath(pod.metadata.namespace ?? '', pod.metadata.name, 'exec');
  const exitCode = await runSession(factory, { path, command, container, stdin, tty });
  if (exitCode !== 0) factory.io.err(`command terminated with exit code ${exitCode}\n`);
  return exitCode;
}

export const verb: Verb<ExecOptions> = {
  usage: '(POD | TYPE/NAME | -f FILE) [-c CONTAINER] [flags] -- COMMAND [args...]',
  flags: (command) => {
    fileFlags(command);
    command
      .option('-c, --container <name>', 'the container; if left out, the annotation kubectl.kubernetes.io/default-container or the first')
      .option('-i, --stdin', 'hand standard input to the container')
      .option('-t, --tty', 'standard input is a terminal')
      .option('-q, --quiet', 'print only what the command prints')
      .addOption(durationOption('--pod-running-timeout <duration>', 'how long to wait for a pod').default('1m'));
  },
  run: exec,
};
