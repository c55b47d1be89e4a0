import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { Failures } from '../failures.ts';
import { targetsFromArgs } from './builder.ts';
import type { Target } from './builder.ts';
import { fetchPages } from './fetch.ts';
import type { FileOptions } from './manifest-files.ts';
import type { AnyObject } from './object.ts';
import { readNamed } from './read-named.ts';
import { apiVersionOf, resourcePath } from './rest-mapping.ts';

export interface SelectionOptions extends FileOptions {
  fieldSelector?: string;
  all?: boolean;
  allNamespaces?: boolean;
}

/** One object that the command line names: by name, by selector, or by a file. */
export interface Selected extends Target {
  name: string;
  /** The file that named it. */
  source?: string;
  /** As the file or the list has it; undefined when only its name is known. */
  object?: AnyObject;
}

async function expand(factory: Factory, target: Target, options: SelectionOptions): Promise<Selected[]> {
  const { mapping, name } = target;
  if (name !== undefined) return [{ ...target, name }];
  if (options.all !== true && options.selector === undefined && options.fieldSelector === undefined) {
    throw new CommandError('resource(s) were provided, but no name was specified');
  }
  const path = resourcePath(mapping, { namespace: target.namespace });
  const query = { labelSelector: options.selector, fieldSelector: options.fieldSelector };
  const list = (await fetchPages(await factory.client(), { path, accept: 'application/json', query, resource: mapping })) as AnyObject;
  return (list.items ?? []).map((item) => ({
    mapping,
    namespace: item.metadata?.namespace,
    name: item.metadata?.name ?? '',
    object: { ...item, apiVersion: apiVersionOf(mapping), kind: mapping.kind },
  }));
}

async function fromFiles(factory: Factory, options: SelectionOptions, failures: Failures): Promise<Selected[]> {
  const found: Selected[] = [];
  // Only here, because the parser of YAML takes longer to load than all the rest.
  const { forEachManifest } = await import('./manifest-targets.ts');
  await forEachManifest(factory, options, failures, async ({ mapping, namespace, object, source }) => {
    const { name } = object.metadata;
    if (name === undefined) throw new CommandError(`error parsing ${source}: metadata.name not set`);
    found.push({ mapping, namespace, name, source, object });
  });
  return found;
}

/** Every object that `(-f FILE | TYPE NAME… | TYPE/NAME… | TYPE -l SELECTOR | TYPE --all)` names, in the order typed. */
export async function selectObjects(factory: Factory, words: readonly string[], options: SelectionOptions, failures: Failures): Promise<Selected[]> {
  if (options.filename !== undefined) {
    if (words.length > 0) throw new CommandError('when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well');
    return fromFiles(factory, options, failures);
  }
  if (words.length === 0) throw new CommandError('You must provide one or more resources by argument or filename.');
  const namespace = options.allNamespaces === true ? undefined : await factory.namespace();
  const selects = options.selector !== undefined || options.fieldSelector !== undefined || options.all === true;
  const found: Selected[] = [];
  for (const target of await targetsFromArgs(await factory.mapper(), words, { namespace, selects })) found.push(...(await expand(factory, target, options)));
  return found;
}

/** The one object that the files name; the first when there are several. */
export async function selectFromFiles(factory: Factory, words: readonly string[], options: FileOptions): Promise<Selected> {
  const failures = new Failures(factory);
  const [first] = await selectObjects(factory, words, options, failures);
  if (first === undefined) throw new CommandError('no objects passed: none of the files names an object that can be used');
  return first;
}

/** The object as the server has it now. */
export async function readObject(factory: Factory, target: Target): Promise<AnyObject> {
  return readNamed<AnyObject>(await factory.client(), { path: resourcePath(target.mapping, target) }, target.namespace);
}
