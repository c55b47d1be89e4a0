import type { Pod } from '@podling/shared/api';
import { parseDuration } from '../duration.ts';
import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { durationOption } from '../flags.ts';
import { attachablePod, podPath } from '../resource/attachable-pod.ts';
import { chooseContainer } from '../resource/pod-container.ts';
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from '@podling/shared/terminal';
import { runSession } from '../session/session.ts';
import { wantsTty } from '../session/tty.ts';
import type { SessionFlags } from '../session/tty.ts';
import type { Verb } from '../verb.ts';
import { refuseCompleted } from './exec.ts';

export interface AttachOptions extends SessionFlags {
  container?: string;
  detachKeys: string;
  podRunningTimeout: string;
}

export interface AttachSession extends Omit<AttachOptions, 'podRunningTimeout'> {
  signal?: AbortSignal;
}

const RECORDED =
  "All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\nIf you don't see a command prompt, try pressing enter.\n";

function resumeMessage(pod: Pod, container: string): string {
  const { name, namespace } = pod.metadata;
  const command = `'kubectl attach ${name} -c ${container} -n ${namespace} -i -t'`;
  return pod.spec.ephemeralContainers?.some((one) => one.name === container) === true
    ? `Session ended, the ephemeral container will not be restarted but may be reattached using ${command} if it is still running\n`
    : `Session ended, resume using ${command} command\n`;
}

function containerOf(...asked: Parameters<typeof chooseContainer>): ReturnType<typeof chooseContainer> {
  try {
    return chooseContainer(...asked);
  } catch (error) {
    throw error instanceof CommandError ? new CommandError(`cannot attach to the container: ${error.message}`, { cause: error }) : error;
  }
}

/** Joins the process of a container that runs, whose terminal or none is the container's. */
export async function attachTo(factory: Factory, pod: Pod, options: AttachSession): Promise<void> {
  const { io } = factory;
  const { stdin = false, quiet = false } = options;
  const tell = (line: string): void => void (quiet || io.err(line));
  const container = containerOf(pod, options.container, tell);
  if (options.tty === true && container.tty !== true) tell(`error: Unable to use a TTY - container ${container.name} did not allocate one\n`);
  const tty = await wantsTty(factory, { ...options, tty: container.tty === true });
  tell(RECORDED);
  const path = podPath(pod.metadata.namespace ?? '', pod.metadata.name, 'attach');
  const { signal } = options;
  const detachKeys = parseDetachKeys(options.detachKeys);
  await runSession(factory, { path, container: container.name, stdin, tty, redraws: true, detachKeys, ...(signal === undefined ? {} : { signal }) });
  if (stdin && tty && !quiet) io.out(resumeMessage(pod, container.name));
}

export async function attach(factory: Factory, words: string[], options: AttachOptions): Promise<number> {
  if (words.length === 0) throw new CommandError('at least 1 argument is required for attach');
  if (words.length > 2) throw new CommandError(`expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${words.length}: [${words.join(' ')}]`);
  const timeoutMs = await parseDuration(options.podRunningTimeout, 'pod-running-timeout');
  if (timeoutMs <= 0) throw new CommandError('--pod-running-timeout must be higher than zero');
  const { pod } = await attachablePod(factory, words, timeoutMs);
  refuseCompleted('attach', pod);
  await attachTo(factory, pod, options);
  return 0;
}

export const verb: Verb<AttachOptions> = {
  usage: '(POD | TYPE/NAME) -c CONTAINER',
  flags: (command) => {
    command
      .option('-c, --container <name>', 'the container; if left out, the annotation kubectl.kubernetes.io/default-container or the first')
      .option('-i, --stdin', 'hand standard input to the container')
      .option('-t, --tty', 'standard input is a terminal')
      .option('-q, --quiet', 'print only what the process prints')
      .option('--detach-keys <keys>', 'the keys to leave with', DEFAULT_DETACH_KEYS)
      .addOption(durationOption('--pod-running-timeout <duration>', 'how long to wait for a pod').default('1m'));
  },
  run: attach,
};
