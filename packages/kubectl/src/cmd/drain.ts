import { parseLabelSelector } from '@podling/shared/api';
import type { Node, Pod } from '@podling/shared/api';
import { systemClock } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';
import { parseDuration } from '../duration.ts';
import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { durationOption, numberOption } from '../flags.ts';
import { fetchPages } from '../resource/fetch.ts';
import type { AnyObject } from '../resource/object.ts';
import type { RestMapping } from '../resource/rest-mapping.ts';
import { resourcePath } from '../resource/rest-mapping.ts';
import type { Verb } from '../verb.ts';
import { beginWriting } from '../writing.ts';
import type { Writing } from '../writing.ts';
import { cordonFlags, nodesFor, setUnschedulable } from './cordon.ts';
import type { CordonOptions } from './cordon.ts';
import { EndPods } from './drain/end-pods.ts';
import { podsToEnd } from './drain/pods-to-end.ts';
import type { PodsToEnd } from './drain/pods-to-end.ts';

export interface DrainOptions extends CordonOptions {
  force?: boolean;
  ignoreDaemonsets?: boolean;
  deleteEmptydirData?: boolean;
  gracePeriod: number;
  timeout: string;
  podSelector?: string;
  disableEviction?: boolean;
  skipWaitForDeleteTimeout: number;
}

/** What the flags say of time. */
interface Limits {
  gracePeriodSeconds: number;
  timeoutMs: number;
  skipWaitForDeleteSeconds: number;
}

interface Drain {
  factory: Factory;
  writing: Writing;
  options: DrainOptions;
  limits: Limits;
  clock: Clock;
  pods: RestMapping;
}

/** What stands against a node's drain, one text each. */
class DrainFailure extends Error {
  readonly all: readonly string[];

  constructor(all: readonly string[]) {
    super(all.length === 1 ? all[0] : `[${all.join(', ')}]`);
    this.all = all;
  }
}

async function limitsOf(options: DrainOptions): Promise<Limits> {
  return {
    gracePeriodSeconds: options.gracePeriod,
    timeoutMs: await parseDuration(options.timeout, 'timeout'),
    skipWaitForDeleteSeconds: options.skipWaitForDeleteTimeout,
  };
}

async function podsOf({ factory, options, limits, clock, pods }: Drain, { metadata: { name } }: Node): Promise<PodsToEnd> {
  const rest = await factory.client();
  const query = { fieldSelector: `spec.nodeName=${name}`, labelSelector: options.podSelector };
  const { items = [] } = (await fetchPages(rest, { path: resourcePath(pods, {}), accept: 'application/json', query })) as AnyObject;
  return podsToEnd(items as unknown as Pod[], {
    force: options.force === true,
    ignoreDaemonSets: options.ignoreDaemonsets === true,
    deleteEmptyDirData: options.deleteEmptydirData === true,
    skipWaitForDeleteSeconds: limits.skipWaitForDeleteSeconds,
    nowMs: clock.now(),
    daemonSet: (namespace, daemon) =>
      rest.request({ path: `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/daemonsets/${encodeURIComponent(daemon)}` }),
  });
}

/** Servers without it are told to delete. */
async function knowsEviction(factory: Factory): Promise<boolean> {
  const rest = await factory.client();
  const { resources } = await rest.request<{ resources: { name: string; kind: string; group?: string }[] }>({ path: '/api/v1' });
  return resources.some(({ name, kind, group }) => name === 'pods/eviction' && kind === 'Eviction' && group === 'policy');
}

async function endPods(drain: Drain, pods: readonly Pod[]): Promise<string[]> {
  const { factory, writing, options, limits, clock } = drain;
  const ending = new EndPods({
    io: factory.io, rest: await factory.client(), clock, pods: drain.pods, print: writing.print, dryRun: writing.dryRun,
    ...limits,
  });
  const evicts = options.disableEviction !== true && (await knowsEviction(factory));
  return evicts ? ending.evict(pods) : ending.delete(pods);
}

/** Throws a {@link DrainFailure}; by then it is said which pods are left. */
async function emptyNode(drain: Drain, node: Node): Promise<void> {
  const { factory: { io }, writing } = drain;
  const { pods, warning, errors } = await podsOf(drain, node);
  if (errors.length > 0) throw new DrainFailure(errors);
  if (warning !== '') drain.factory.warn(warning);
  if (writing.dryRun === 'client') {
    for (const { metadata } of pods) io.out(`evicting pod ${metadata.namespace}/${metadata.name} (dry run)\n`);
    return;
  }
  const failed = pods.length === 0 ? [] : await endPods(drain, pods);
  if (failed.length === 0) return;
  const failure = new DrainFailure(failed);
  const left = await podsOf(drain, node);
  if (left.pods.length > 0) {
    io.err(`There are pending pods in node ${JSON.stringify(node.metadata.name)} when an error occurred: ${failure.message}\n`);
    for (const { metadata } of left.pods) io.err(`pod/${metadata.name}\n`);
  }
  throw failure;
}

/** Exported for tests, which bring their own time. */
export async function drainNodes(factory: Factory, words: readonly string[], options: DrainOptions, clock: Clock): Promise<number> {
  const { io } = factory;
  const limits = await limitsOf(options);
  checkPodSelector(options.podSelector);
  const writing = await beginWriting(factory, options, 'kubectl');
  const selected = await nodesFor('drain', factory, words, options);
  for (const node of selected) await setUnschedulable(writing, node, true);
  const [pods] = await (await factory.mapper()).resolve('pods');
  if (!pods) throw new CommandError('the server has no pods');
  const drain: Drain = { factory, writing, options, limits, clock, pods };
  const pending: { name: string; error: Error }[] = [];
  for (const { node } of selected) {
    const { name } = node.metadata;
    try {
      await emptyNode(drain, node);
      await writing.print(node as unknown as AnyObject, 'drained');
    } catch (error) {
      io.err(`error: unable to drain node ${JSON.stringify(name)} due to error: ${(error as Error).message}, continuing command...\n`);
      pending.push({ name, error: error as Error });
    }
  }
  if (pending.length === 0) return 0;
  io.err(`There are pending nodes to be drained:\n${pending.map(({ name }) => ` ${name}\n`).join('')}`);
  for (const text of new Set(pending.flatMap(({ error }) => (error instanceof DrainFailure ? error.all : [error.message])))) io.err(`${text}\n`);
  return 1;
}

function checkPodSelector(selector: string | undefined): void {
  try {
    parseLabelSelector(selector ?? '');
  } catch (cause) {
    throw new CommandError('--pod-selector=<pod_selector> must be a valid label selector', { cause });
  }
}

export const verb: Verb<DrainOptions> = {
  usage: 'NODE... | -l SELECTOR [flags]',
  flags: (command) => {
    cordonFlags(command);
    command
      .option('--force', 'also pods that no controller will bring back')
      .option('--ignore-daemonsets', 'leave the pods of DaemonSets where they are')
      .option('--delete-emptydir-data', 'also pods whose emptyDir volumes go with them')
      .addOption(numberOption('--grace-period <seconds>', 'time to stop in; below 0 the pod decides').default(-1))
      .addOption(durationOption('--timeout <duration>', 'when to give up; 0 = never').default('0'))
      .option('--pod-selector <selector>', 'only pods with these labels')
      .option('--disable-eviction', 'delete without asking the disruption budgets')
      .addOption(numberOption('--skip-wait-for-delete-timeout <seconds>', 'do not wait for a pod that should have gone so long ago; 0 = wait').default(0));
  },
  run: (factory, words, options) => drainNodes(factory, words, options, systemClock),
};
