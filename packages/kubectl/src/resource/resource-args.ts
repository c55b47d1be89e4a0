import { CommandError } from '../errors.ts';

/** What the words after a verb name: whole types, or single objects. */
export interface ResourceArgs {
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
export function parseResourceArgs(words: readonly string[]): ResourceArgs {
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
