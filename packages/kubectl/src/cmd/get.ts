import { isNotFound } from '@podling/shared/errors';
import { CommandError, usageError } from '../errors.ts';
import { Failures } from '../failures.ts';
import type { Factory } from '../factory.ts';
import type { AnyObject } from '../resource/object.ts';
import { createGetPrinter } from '../printers/get-printer.ts';
import type { GetPrinter } from '../printers/get-printer.ts';
import type { Table } from '../resource/table.ts';
import { targetsFromArgs } from '../resource/builder.ts';
import type { Target } from '../resource/builder.ts';
import { fetchPages } from '../resource/fetch.ts';
import type { FileOptions } from '../resource/manifest-files.ts';
import { resourcePath } from '../resource/rest-mapping.ts';
import { fileFlags, listOption, missingKeysOption, numberOption } from '../flags.ts';
import type { Verb } from '../verb.ts';

export interface GetOptions extends FileOptions {
  output?: string;
  watch?: boolean;
  allNamespaces?: boolean;
  selector?: string;
  fieldSelector?: string;
  headers: boolean;
  showLabels?: boolean;
  showKind?: boolean;
  allowMissingTemplateKeys: boolean;
  labelColumns?: string[];
  showManagedFields?: boolean;
  ignoreNotFound?: boolean;
  sortBy?: string;
  template?: string;
  raw?: string;
  watchOnly?: boolean;
  subresource?: string;
  outputWatchEvents?: boolean;
  chunkSize?: number;
}

const NO_TYPE = 'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n';
const NO_TYPE_HELP = 'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

const selectors = (options: GetOptions): Record<string, string | undefined> => ({
  labelSelector: options.selector,
  fieldSelector: options.fieldSelector,
});

interface Query {
  factory: Factory;
  options: GetOptions;
  accept: string;
  failures: Failures;
}

async function fetchTarget({ factory, options, accept }: Query, target: Target): Promise<AnyObject | Table> {
  const rest = await factory.client();
  const { subresource } = options;
  const path = resourcePath(target.mapping, { ...target, ...(subresource === undefined ? {} : { subresource }) });
  // Sorting needs more of the objects than their names.
  const includeObject = options.sortBy === undefined || accept !== TABLE ? {} : { includeObject: 'Object' };
  if (target.name !== undefined) return (await import('../resource/read-named.ts')).readNamed(rest, { path, accept, query: includeObject }, target.namespace);
  return fetchPages(rest, { path, accept, resource: target.mapping, query: { ...selectors(options), ...includeObject } }, options.chunkSize);
}

async function watchTarget(query: Query, target: Target, resourceVersion: string | undefined, printer: GetPrinter): Promise<void> {
  const { factory, options, accept } = query;
  const path = resourcePath(target.mapping, { namespace: target.namespace });
  const fieldSelector = target.name === undefined ? options.fieldSelector : `metadata.name=${target.name}`;
  const { watchEvents } = await import('../resource/watch.ts');
  const events = watchEvents<AnyObject | Table>(await factory.client(), {
    path,
    accept,
    query: { ...selectors(options), fieldSelector, resourceVersion },
  });
  for await (const { type, object } of events) {
    await printer.print(target.mapping, object, type);
    await factory.io.flush();
  }
}

async function getAndWatch(query: Query, targets: Target[], printer: GetPrinter): Promise<number> {
  const [target, second] = targets;
  if (target === undefined || second !== undefined) throw new CommandError(new Set(targets.map(({ mapping }) => mapping)).size > 1 ? 'you may only specify a single resource type' : 'you may only watch a single resource or type of resource at a time');
  const found = await fetchTarget(query, target);
  if (query.options.watchOnly !== true) await printer.print(target.mapping, found);
  await watchTarget(query, target, found.metadata?.resourceVersion, printer);
  return 0;
}

async function getOnce(query: Query, targets: Target[], printer: GetPrinter): Promise<number> {
  const { failures } = query;
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

async function getRaw(factory: Factory, words: readonly string[], options: GetOptions): Promise<number> {
  if (words.length > 0) throw new CommandError('arguments may not be passed when --raw is specified');
  if (options.output !== undefined) throw new CommandError('--raw and --output are mutually exclusive');
  const { printRaw } = await import('../resource/raw.ts');
  await printRaw(factory, options);
  return 0;
}

async function targetsOf(factory: Factory, words: string[], options: GetOptions, failures: Failures): Promise<Target[]> {
  if (options.filename !== undefined) return (await import('../resource/selection.ts')).selectObjects(factory, words, options, failures);
  if (words.length === 0) {
    factory.io.err(NO_TYPE);
    throw usageError('get', NO_TYPE_HELP);
  }
  const namespace = options.allNamespaces === true ? undefined : await factory.namespace();
  const selects = options.selector !== undefined || options.fieldSelector !== undefined;
  return targetsFromArgs(await factory.mapper(), words, { namespace, selects });
}

const watches = (options: GetOptions): boolean => options.watch === true || options.watchOnly === true;

async function printerFor(factory: Factory, targets: readonly Target[], options: GetOptions): Promise<GetPrinter> {
  const { output, headers, template, allowMissingTemplateKeys, allNamespaces = false } = options;
  const namespaced = !allNamespaces && (targets.length === 0 || targets.some((t) => t.mapping.namespaced));
  return createGetPrinter(factory.io, {
    output,
    headers,
    template,
    allNamespaces,
    showLabels: options.showLabels === true,
    labelColumns: options.labelColumns ?? [],
    showManagedFields: options.showManagedFields === true,
    sort: options.sortBy === undefined ? undefined : (await import('../printers/sort.ts')).sortBy(options.sortBy),
    streaming: watches(options),
    watchEvents: options.outputWatchEvents === true,
    single: targets.length === 1,
    showKind: options.showKind === true,
    allowMissingTemplateKeys,
    namespace: namespaced ? await factory.namespace() : undefined,
  });
}

function checkOptions(options: GetOptions): void {
  const { output = '', showLabels } = options;
  if (options.outputWatchEvents === true && !watches(options)) throw new CommandError('--output-watch-events option can only be used with --watch or --watch-only');
  if (showLabels === true && output !== '' && output !== 'wide') throw new CommandError(`--show-labels option cannot be used with ${output} printer`);
}

/** Lists or shows objects, as tables made by the server or in full. */
export async function get(factory: Factory, words: string[], options: GetOptions): Promise<number> {
  if (options.raw !== undefined) return getRaw(factory, words, options);
  checkOptions(options);
  const failures = new Failures(factory);
  const targets = await targetsOf(factory, words, options, failures);
  const printer = await printerFor(factory, targets, options);
  const query: Query = { factory, options, accept: printer.wantsTable ? TABLE : 'application/json', failures };
  return watches(options) ? getAndWatch(query, targets, printer) : getOnce(query, targets, printer);
}

export const verb: Verb<GetOptions> = {
  usage: '(TYPE[,TYPE] [NAME...] | TYPE/NAME...) [flags]',
  flags: (command) => {
    fileFlags(command);
    command
      .option('-o, --output <format>', 'wide, name, json, yaml, jsonpath[-as-json|-file]=…, custom-columns[-file]=…')
      .option('--template <template>', 'the template of -o jsonpath')
      .addOption(missingKeysOption())
      .option('--sort-by <path>', "by a field's JSONPath: .metadata.name")
      .option('-w, --watch', 'after listing, print changes as they come')
      .option('-A, --all-namespaces', 'across all namespaces')
      .option('-l, --selector <selector>', 'label selector')
      .option('--field-selector <selector>', 'field selector')
      .option('--no-headers', 'do not print headers')
      .option('--show-labels', 'print labels as the last column')
      .option('--show-kind', 'print the type before each name')
      .addOption(listOption('-L, --label-columns <keys>', 'print these labels as columns'))
      .option('--show-managed-fields', 'keep managedFields in JSON and YAML')
      .option('--watch-only', 'print changes as they come, and nothing before')
      .option('--output-watch-events', 'with what happened, while watching')
      .addOption(numberOption('--chunk-size <count>', 'ask for long lists in pieces of this size; 0 = in one'))
      .option('--subresource <name>', 'status, scale or resize in place of the object')
      .option('--raw <path>', 'print what the server answers to this path')
      .option('--ignore-not-found', 'exit with 0 when an object does not exist');
  },
  run: get,
};
