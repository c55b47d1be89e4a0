import { styleText } from 'node:util';
import { ApiStatusError } from '@podling/shared/errors';
import type { Clock } from '@podling/shared/util';
import { parseDuration } from '../duration.ts';
import { CommandError, isConnectionError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { durationOption, numberOption } from '../flags.ts';
import { podPath } from '../resource/attachable-pod.ts';
import type { Verb } from '../verb.ts';
import { logQuery } from './logs/log-query.ts';
import type { LogQuery, LogsOptions } from './logs/log-query.ts';
import { checkWords, logSources } from './logs/log-sources.ts';
import type { LogSource } from './logs/log-sources.ts';
import { printLog } from './logs/print-log.ts';

type Sleep = Clock['sleep'];

interface Job {
  factory: Factory;
  query: LogQuery;
  options: LogsOptions;
  /** How long a follower waits for a container to start. */
  timeoutMs: number;
  sleep: Sleep;
  /** Several print at the same time. */
  shared: boolean;
  signal: AbortSignal;
}

const RETRY_MS = 1_000;
const COLORS = ['cyan', 'green', 'yellow', 'magenta', 'blue', 'red'] as const;

/** `index` tells sources apart. */
function prefixOf({ factory, options }: Job, { pod, container }: LogSource, index: number): string {
  if (options.prefix !== true && options.allPods !== true) return '';
  const text = `[pod/${pod.metadata.name}/${container}]`;
  const color = COLORS[index % COLORS.length] ?? 'cyan';
  return `${factory.io.color ? styleText(color, text, { validateStream: false }) : text} `;
}

async function printOnce(job: Job, source: LogSource, prefix: string): Promise<void> {
  const { factory, query, signal, shared } = job;
  const { name, namespace = '' } = source.pod.metadata;
  const path = podPath(namespace, name, 'log');
  const body = await (await factory.client()).stream({ path, query: { ...query, container: source.container }, accept: '*/*', timeoutMs: 0, signal });
  await printLog(factory.io, body, { prefix, shared }).catch((error: unknown) => {
    throw isConnectionError(error) ? new CommandError('unexpected EOF', { cause: error }) : error;
  });
}

/** A follower comes again while the server says why there is nothing to follow yet. */
async function printSource(job: Job, source: LogSource, index: number): Promise<void> {
  const { factory: { io }, options, timeoutMs, sleep, signal } = job;
  const prefix = prefixOf(job, source, index);
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      await printOnce(job, source, prefix);
      return;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (options.ignoreErrors === true && !signal.aborted) return io.out(`error: ${message}\n`);
      if (options.follow !== true || !(error instanceof ApiStatusError)) throw error;
      io.err(`${message}\n`);
      if (waitedMs + RETRY_MS > timeoutMs) throw new CommandError('timed out waiting for the condition', { cause: error });
    }
    await sleep(RETRY_MS, signal);
  }
}

function refuseTooMany(sources: readonly LogSource[], most: number): void {
  if (sources.length <= Math.max(most, 1)) return;
  throw new CommandError(`you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`);
}

/** Prints what containers wrote: one after the other, or line by line together when following. The first failure ends it. */
export async function logs(factory: Factory, words: readonly string[], options: LogsOptions, sleep: Sleep): Promise<number> {
  const timeoutMs = await parseDuration(options.podRunningTimeout, 'pod-running-timeout');
  const query = await logQuery(options);
  checkWords(words, options);
  const sources = await logSources(factory, words, options, timeoutMs);
  if (sources.length === 0) factory.io.err(`No resources found in ${await factory.namespace()} namespace.\n`);
  const together = options.follow === true;
  if (together) refuseTooMany(sources, options.maxLogRequests);
  const ending = new AbortController();
  const job: Job = { factory, query, options, timeoutMs, sleep, shared: together && sources.length > 1, signal: ending.signal };
  try {
    if (together) await Promise.all(sources.map((source, index) => printSource(job, source, index)));
    else for (const [index, source] of sources.entries()) await printSource(job, source, index);
  } finally {
    ending.abort();
  }
  return 0;
}

export const verb: Verb<LogsOptions> = {
  usage: '(POD | TYPE/NAME | -l SELECTOR) [-c CONTAINER] [flags]',
  flags: (command) => {
    command
      .option('-c, --container <name>', 'the container to read')
      .option('-f, --follow', 'go on as lines are written')
      .option('-p, --previous', 'the instance before the present one')
      .option('-l, --selector <selector>', 'all pods with these labels')
      .option('--all-containers', 'all containers of the pods')
      .option('--all-pods', 'all pods that TYPE/NAME selects; implies --prefix')
      .option('--prefix', 'put pod and container before each line')
      .addOption(numberOption('--tail <lines>', 'only the last lines; -1 shows all, the default but for a selector, which shows 10'))
      .addOption(numberOption('--limit-bytes <bytes>', 'at most as many bytes of each container'))
      .addOption(durationOption('--since <duration>', 'only lines newer than, such as 5s, 2m or 3h'))
      .option('--since-time <time>', 'only lines since then, such as 2024-08-30T06:00:00Z')
      .option('--timestamps', 'put its time before each line')
      .addOption(numberOption('--max-log-requests <number>', 'how many logs may be followed at once').default(5))
      .option('--ignore-errors', 'print what fails, and go on')
      .addOption(durationOption('--pod-running-timeout <duration>', 'how long to wait for a pod to have logs to follow').default('20s'))
      .option('--insecure-skip-tls-verify-backend', "do not check the kubelet's certificate");
  },
  run: (factory, words, options) => logs(factory, words, options, async (...args) => (await import('@podling/shared/util')).systemClock.sleep(...args)),
};
