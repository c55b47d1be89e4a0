import type { Pod } from '@podling/shared/api';
import { ApiStatusError, isNotFound } from '@podling/shared/errors';
import { CommandError, usageError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { byLogging } from '../../resource/active-pods.ts';
import { namedPods } from '../../resource/attachable-pod.ts';
import { fetchPages } from '../../resource/fetch.ts';
import type { AnyObject } from '../../resource/object.ts';
import { chooseContainer, containersInOrder, DEFAULT_CONTAINER, findContainer } from '../../resource/pod-container.ts';
import type { LogsOptions } from './log-query.ts';

/** One container whose log is printed. */
export interface LogSource {
  pod: Pod;
  container: string;
}

const USAGE = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

/** Fails for words and flags that do not go together, before anything is asked. */
export function checkWords(words: readonly string[], { selector, container, allContainers }: LogsOptions): void {
  const [, inline, ...more] = words;
  if ((words.length === 0 && selector === undefined) || more.length > 0) throw usageError('logs', USAGE);
  if (words.length > 0 && selector !== undefined) throw usageError('logs', 'only a selector (-l) or a POD name is allowed');
  const named = inline ?? container;
  if (allContainers === true && named !== undefined) throw new CommandError(`--all-containers=true should not be specified with container name ${named}`);
  if (inline !== undefined && container !== undefined) throw new CommandError('only one of -c or an inline [CONTAINER] arg is allowed');
}

/** What the words or the selector stand for, in order. None when the selector finds no pod. */
export async function logSources(factory: Factory, words: readonly string[], options: LogsOptions, timeoutMs: number): Promise<LogSource[]> {
  const pods = options.selector === undefined ? await podsOfWord(factory, words[0] ?? '', options, timeoutMs) : await podsSelected(factory, options.selector);
  return pods.flatMap((pod) => containersOf(factory, pod, options.container ?? words[1], options).map((container) => ({ pod, container })));
}

async function podsSelected(factory: Factory, labelSelector: string): Promise<Pod[]> {
  const path = `/api/v1/namespaces/${encodeURIComponent(await factory.namespace())}/pods`;
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const { items } = (await fetchPages(await factory.client(), { path, accept: 'application/json', query: { labelSelector }, resource })) as AnyObject;
  return (items ?? []) as Pod[];
}

/** Of a thing that selects several pods, all that are wanted: the one with most to tell, if no more are asked for. */
async function podsOfWord(factory: Factory, word: string, { allPods }: LogsOptions, timeoutMs: number): Promise<Pod[]> {
  const { pods } = await namedPods(factory, [word], timeoutMs, 'get the logs from').catch(async (error: unknown) => {
    if (!(error instanceof ApiStatusError) || !isNotFound(error)) throw error;
    throw new CommandError(`error from server (NotFound): ${error.message} in namespace "${await factory.namespace()}"`, { cause: error });
  });
  const sorted = byLogging(pods);
  const [first] = sorted;
  if (allPods === true || first === undefined || sorted.length === 1) return sorted;
  factory.io.err(`Found ${sorted.length} pods, using pod/${first.metadata.name}\n`);
  return [first];
}

function containersOf({ io }: Factory, pod: Pod, asked: string | undefined, { allContainers, allPods }: LogsOptions): string[] {
  if (allContainers === true) return containersInOrder(pod).map(({ name }) => name);
  const tell = (line: string): void => void (allPods === true || io.err(line));
  const preset = pod.metadata.annotations?.[DEFAULT_CONTAINER] ?? '';
  if (asked !== undefined || preset === '' || findContainer(pod, preset) !== undefined) return [chooseContainer(pod, asked, tell).name];
  io.err(`Default container name "${preset}" not found in pod ${pod.metadata.name}\n`);
  return [chooseContainer({ ...pod, metadata: { ...pod.metadata, annotations: {} } }, undefined, tell).name];
}
