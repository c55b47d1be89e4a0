import type { RestMapper, RestMapping } from './rest-mapping.ts';
import { parseResourceArgs } from './resource-args.ts';
import { CommandError } from '../errors.ts';

/** One object, or a whole collection when `name` is undefined. Without a namespace: cluster-scoped or all namespaces. */
export interface Target {
  mapping: RestMapping;
  namespace: string | undefined;
  name: string | undefined;
}

export interface TargetOptions {
  /** Undefined = all namespaces. */
  namespace: string | undefined;
  /** A label or field selector was given. */
  selects: boolean;
}

function refuseNames(options: TargetOptions): void {
  if (options.selects) throw new CommandError('name cannot be provided when a selector is specified');
  if (options.namespace === undefined) throw new CommandError('a resource cannot be retrieved by name across all namespaces');
}

async function mappingsOf(mapper: RestMapper, types: readonly string[]): Promise<RestMapping[]> {
  const found = await Promise.all(types.map((type) => mapper.resolve(type)));
  return [...new Set(found.flat())];
}

/** Turns the words of a command line into targets, in the order typed. */
export async function targetsFromArgs(mapper: RestMapper, words: readonly string[], options: TargetOptions): Promise<Target[]> {
  const { types, names, objects } = parseResourceArgs(words);
  if (names.length > 0 || objects.length > 0) refuseNames(options);
  const at = (mapping: RestMapping, name?: string): Target => ({ mapping, namespace: mapping.namespaced ? options.namespace : undefined, name });
  if (objects.length > 0) {
    const found = await Promise.all(objects.map(async ({ type, name }) => (await mapper.resolve(type)).map((m) => at(m, name))));
    return found.flat();
  }
  const mappings = await mappingsOf(mapper, types);
  return mappings.flatMap((m) => (names.length === 0 ? [at(m)] : names.map((name) => at(m, name))));
}
