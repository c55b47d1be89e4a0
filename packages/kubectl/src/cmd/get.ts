import { isNotFound } from '@podling/shared/api';
import { CommandError } from '../errors.ts';
import { Failures } from '../failures.ts';
import type { Factory } from '../factory.ts';
import type { AnyObject } from '../resource/object.ts';
import { createGetPrinter } from '../printers/get-printer.ts';
import type { GetPrinter } from '../printers/get-printer.ts';
import type { Table } from '../resource/table.ts';
import { targetsFromArgs } from '../resource/builder.ts';
import type { Target } from '../resource/builder.ts';
import { fetchPages } from '../resource/fetch.ts';
import { resourcePath } from '../resource/rest-mapping.ts';
import { watchEvents } from '../resource/watch.ts';
import { listOption } from '../flags.ts';
import type { Verb } from '../verb.ts';

export interface GetOptions {
  output?: string;
  watch?: boolean;
  allNamespaces?: boolean;
  selector?: string;
  fieldSelector?: string;
  headers: boolean;
  showLabels?: boolean;
  labelColumns?: string[];
  showManagedFields?: boolean;
  ignoreNotFound?: boolean;
}

const NO_TYPE = 'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

const selectors = (options: GetOptions): Record<string, string | undefined> => ({
  labelSelector: options.selector,
  fieldSelector: options.fieldSelector,
});

interface Query {
  factory: Factory;
  options: GetOptions;
  accept: string;
}

async function fetchTarget({ factory, options, accept }: Query, target: Target): Promise<AnyObject | Table> {
  const rest = await factory.client();
  const path = resourcePath(target.mapping, target);
  if (target.name !== undefined) return rest.request({ path, accept });
  return fetchPages(rest, { path, accept, query: selectors(options) });
}

async function watchTarget(query: Query, target: Target, resourceVersion: string | undefined, printer: GetPrinter): Promise<void> {
  const { factory, options, accept } = query;
  const path = resourcePath(target.mapping, { namespace: target.namespace });
  const fieldSelector = target.name === undefined ? options.fieldSelector : `metadata.name=${target.name}`;
  const events = watchEvents<AnyObject | Table>(await factory.client(), {
    path,
    accept,
    query: { ...selectors(options), fieldSelector, resourceVersion },
  });
  for await (const { object } of events) {
    await printer.print(target.mapping, object);
    await factory.io.flush();
  }
}

async function getAndWatch(query: Query, targets: Target[], printer: GetPrinter): Promise<number> {
  const [target, second] = targets;
  if (target === undefined || second !== undefined) throw new CommandError('you may only specify a single resource type or object to watch');
  const found = await fetchTarget(query, target);
  await printer.print(target.mapping, found);
  await watchTarget(query, target, found.metadata?.resourceVersion, printer);
  return 0;
}

async function getOnce(query: Query, targets: Target[], printer: GetPrinter): Promise<number> {
  const failures = new Failures(query.factory);
  for (const target of targets) {
    await failures.attempt(async () => {
      try {
        await printer.print(target.mapping, await fetchTarget(query, target));
      } catch (error) {
        if (query.options.ignoreNotFound !== true || !isNotFound(error)) throw error;
      }
    });
  }
  await printer.end(failures.exitCode === 0 && query.options.ignoreNotFound !== true);
  return failures.exitCode;
}

/** Lists or shows objects, as tables made by the server or in full. */
export async function get(factory: Factory, words: string[], options: GetOptions): Promise<number> {
  if (words.length === 0) throw new CommandError(NO_TYPE);
  const namespace = options.allNamespaces === true ? undefined : await factory.namespace();
  const selects = options.selector !== undefined || options.fieldSelector !== undefined;
  const targets = await targetsFromArgs(await factory.mapper(), words, { namespace, selects });
  const mixed = new Set(targets.map((t) => t.mapping)).size > 1;
  const printer = createGetPrinter(factory.io, {
    output: options.output,
    headers: options.headers,
    showLabels: options.showLabels === true,
    labelColumns: options.labelColumns ?? [],
    allNamespaces: options.allNamespaces === true,
    showManagedFields: options.showManagedFields === true,
    streaming: options.watch === true,
    single: targets.length === 1,
    mixed,
    namespace: targets.some((t) => t.mapping.namespaced) ? namespace : undefined,
  });
  const query: Query = { factory, options, accept: printer.wantsTable ? TABLE : 'application/json' };
  return options.watch === true ? getAndWatch(query, targets, printer) : getOnce(query, targets, printer);
}

export const verb: Verb<GetOptions> = {
  usage: '(TYPE[,TYPE] [NAME...] | TYPE/NAME...) [flags]',
  flags: (command) => {
    command
      .option('-o, --output <format>', 'json, yaml, name or wide')
      .option('-w, --watch', 'after listing, print changes as they come')
      .option('-A, --all-namespaces', 'across all namespaces')
      .option('-l, --selector <selector>', 'label selector')
      .option('--field-selector <selector>', 'field selector')
      .option('--no-headers', 'do not print headers')
      .option('--show-labels', 'print labels as the last column')
      .addOption(listOption('-L, --label-columns <keys>', 'print these labels as columns'))
      .option('--show-managed-fields', 'keep managedFields in JSON and YAML')
      .option('--ignore-not-found', 'exit with 0 when an object does not exist');
  },
  run: get,
};
