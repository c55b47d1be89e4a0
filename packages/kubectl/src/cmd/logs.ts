import type { Pod } from '@podling/shared/api';
import type { RequestOptions } from '@podling/shared/client';
import { parseDuration } from '../duration.ts';
import { CommandError } from '../errors.ts';
import { Failures } from '../failures.ts';
import type { Factory } from '../factory.ts';
import { sanitizeLog } from '../printers/sanitize.ts';
import { targetsFromArgs } from '../resource/builder.ts';
import { resourcePath } from '../resource/rest-mapping.ts';
import type { RestMapping } from '../resource/rest-mapping.ts';
import { lines } from '../resource/watch.ts';
import type { Verb } from '../verb.ts';

export interface LogsOptions {
  container?: string;
  follow?: boolean;
  previous?: boolean;
  selector?: string;
  tail?: string;
  limitBytes?: string;
  since?: string;
  timestamps?: boolean;
  allContainers?: boolean;
  prefix?: boolean;
}

interface LogSource {
  pod: Pod;
  container: string;
}

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';
const TAIL_WITH_SELECTOR = 10;
const ALL_LINES = -1;
const FOLLOWED_AT_ONCE = 5;

function containerNames({ spec }: Pod): string[] {
  const kinds = [spec.containers, spec.initContainers ?? [], spec.ephemeralContainers ?? []];
  return kinds.flatMap((containers) => containers.map((c) => c.name));
}

function defaultContainer(factory: Factory, pod: Pod): string {
  const names = containerNames(pod);
  const chosen = pod.metadata.annotations?.[DEFAULT_CONTAINER] ?? names[0] ?? '';
  if (names.length > 1) factory.io.err(`Defaulted container "${chosen}" out of: ${names.join(', ')}\n`);
  return chosen;
}

function sourcesOf(factory: Factory, pod: Pod, options: LogsOptions): LogSource[] {
  if (options.allContainers === true) return containerNames(pod).map((container) => ({ pod, container }));
  const { container } = options;
  if (container === undefined) return [{ pod, container: defaultContainer(factory, pod) }];
  if (!containerNames(pod).includes(container)) {
    throw new CommandError(`container ${container} is not valid for pod ${pod.metadata.name} out of: ${containerNames(pod).join(', ')}`);
  }
  return [{ pod, container }];
}

async function podsMapping(factory: Factory): Promise<RestMapping> {
  const [mapping] = await (await factory.mapper()).resolve('pods');
  if (mapping === undefined) throw new CommandError('the server does not serve pods');
  return mapping;
}

async function namedPod(factory: Factory, word: string): Promise<Pod> {
  const words = word.includes('/') ? [word] : ['pods', word];
  const [target] = await targetsFromArgs(await factory.mapper(), words, { namespace: await factory.namespace(), selects: false });
  if (target === undefined || target.mapping.resource !== 'pods') throw new CommandError(`cannot get the logs from ${word}: only pods have logs`);
  return (await factory.client()).request<Pod>({ path: resourcePath(target.mapping, target) });
}

async function podsOf(factory: Factory, words: string[], options: LogsOptions): Promise<Pod[]> {
  const [word, container, ...rest] = words;
  if (options.selector === undefined) {
    if (word === undefined) throw new CommandError('expected \'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]\'.\nPOD or TYPE/NAME is a required argument for the logs command');
    if (rest.length > 0) throw new CommandError('only one pod, and a container, can be named');
    if (container !== undefined) options.container ??= container;
    return [await namedPod(factory, word)];
  }
  if (word !== undefined) throw new CommandError('only a selector (-l) or a POD name is allowed');
  const path = resourcePath(await podsMapping(factory), { namespace: await factory.namespace() });
  const { items } = await (await factory.client()).request<{ items: Pod[] }>({ path, query: { labelSelector: options.selector } });
  return items;
}

function tailLines(options: LogsOptions): number | undefined {
  const { tail, selector } = options;
  if (tail === undefined) return selector === undefined ? undefined : TAIL_WITH_SELECTOR;
  if (!/^-?\d+$/.test(tail)) throw new CommandError(`invalid argument "${tail}" for "--tail": not a number of lines`);
  if (Number(tail) < ALL_LINES) throw new CommandError(`--tail must be greater than or equal to ${ALL_LINES}`);
  return Number(tail) === ALL_LINES ? undefined : Number(tail);
}

/** Zero limits nothing, as upstream. */
function limitBytes({ limitBytes: text = '0' }: LogsOptions): number | undefined {
  if (!/^-?\d+$/.test(text)) throw new CommandError(`invalid argument "${text}" for "--limit-bytes": not a number of bytes`);
  if (Number(text) < 0) throw new CommandError('--limit-bytes must be greater than 0');
  return Number(text) === 0 ? undefined : Number(text);
}

async function logQuery(options: LogsOptions, container: string): Promise<NonNullable<RequestOptions['query']>> {
  const { since, follow, previous, timestamps } = options;
  return {
    container,
    follow: follow === true ? true : undefined,
    previous: previous === true ? true : undefined,
    timestamps: timestamps === true ? true : undefined,
    tailLines: tailLines(options),
    limitBytes: limitBytes(options),
    sinceSeconds: since === undefined ? undefined : Math.max(1, Math.ceil((await parseDuration(since, 'since')) / 1000)),
  };
}

/** Bytes pass untouched to a file or pipe; a terminal gets whole lines that cannot take it over. */
async function copy(factory: Factory, body: AsyncIterable<Uint8Array>, prefix: string): Promise<void> {
  const { io } = factory;
  if (prefix === '' && io.terminal === undefined) {
    for await (const chunk of body) {
      io.out(chunk);
      await io.flush();
    }
    return;
  }
  for await (const line of lines(body)) {
    io.out(`${prefix}${io.terminal === undefined ? line : sanitizeLog(line)}\n`);
    await io.flush();
  }
}

async function printSource(factory: Factory, mapping: RestMapping, { pod, container }: LogSource, options: LogsOptions): Promise<void> {
  const { name, namespace } = pod.metadata;
  const path = resourcePath(mapping, { namespace, name, subresource: 'log' });
  const body = await (await factory.client()).stream({ path, query: await logQuery(options, container), accept: '*/*', timeoutMs: 0 });
  await copy(factory, body, options.prefix === true ? `[pod/${name}/${container}] ` : '');
}

/** Prints what containers wrote; several of them one after the other, or line by line together when following. */
export async function logs(factory: Factory, words: string[], options: LogsOptions): Promise<number> {
  tailLines(options);
  limitBytes(options);
  const failures = new Failures(factory);
  const pods = await podsOf(factory, words, options);
  const sources = pods.flatMap((pod) => sourcesOf(factory, pod, options));
  if (sources.length === 0) {
    factory.io.err(`No resources found in ${await factory.namespace()} namespace.\n`);
    return 0;
  }
  const mapping = await podsMapping(factory);
  const print = (source: LogSource): Promise<void | undefined> => failures.attempt(() => printSource(factory, mapping, source, options));
  if (options.follow !== true) {
    for (const source of sources) await print(source);
    return failures.exitCode;
  }
  if (sources.length > FOLLOWED_AT_ONCE) {
    throw new CommandError(`you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${FOLLOWED_AT_ONCE}`);
  }
  await Promise.all(sources.map(print));
  return failures.exitCode;
}

export const verb: Verb<LogsOptions> = {
  usage: '(POD | TYPE/NAME | -l SELECTOR) [-c CONTAINER] [flags]',
  flags: (command) => {
    command
      .option('-c, --container <name>', 'the container to read')
      .option('-f, --follow', 'go on as lines are written')
      .option('-p, --previous', 'the instance before the present one')
      .option('-l, --selector <selector>', 'all pods with these labels')
      .option('--tail <lines>', 'only the last lines; -1 shows all')
      .option('--limit-bytes <bytes>', 'at most as many bytes of each container')
      .option('--since <duration>', 'only lines newer than, such as 5s, 2m or 3h')
      .option('--timestamps', 'put its time before each line')
      .option('--all-containers', 'all containers of the pod')
      .option('--prefix', 'put pod and container before each line');
  },
  run: logs,
};
