import type { RestMapper, RestMapping } from './rest-mapping.ts';
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

/** What the words after a verb name: whole types, or single objects. */
interface ResourceArgs {
  types: string[];
  /** Names that apply to each of `types`. */
  names: string[];
  /** `TYPE/NAME` words; then `types` and `names` are empty. */
  objects: { type: string; name: string }[];
}

const MIXED =
  "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

function splitObject(word: string): { type: string; name: string } {
  const [type, name, ...rest] = word.split('/');
  if (type === undefined || type === '' || name === undefined || name === '' || rest.length > 0) {
    throw new CommandError(`arguments in resource/name form may not have more than one slash and need both parts: "${word}"`);
  }
  return { type, name };
}

/** `TYPE[,TYPE] [NAME…]` or `TYPE/NAME…`. */
function parseResourceArgs(words: readonly string[]): ResourceArgs {
  const slashed = words.filter((word) => word.includes('/'));
  if (slashed.length > 0) {
    if (slashed.length !== words.length) throw new CommandError(MIXED);
    return { types: [], names: [], objects: words.map(splitObject) };
  }
  const [types, ...names] = words;
  const wanted = (types ?? '').split(',').filter((type) => type !== '');
  if (types !== undefined && wanted.length === 0) throw new CommandError(`"${types}" names no resource type`);
  return { types: wanted, names, objects: [] };
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
