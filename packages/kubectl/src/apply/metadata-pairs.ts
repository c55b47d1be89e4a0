import { CommandError } from '../errors.ts';

/** What the words behind the objects ask for: `key=value` sets, `key-` removes. */
export interface Pairs {
  set: Map<string, string>;
  remove: string[];
}

const isPair = (word: string): boolean => (word.includes('=') && !word.startsWith('=')) || (word.endsWith('-') && word !== '-');

/** The objects' words and, behind them, the changes. `what` is label or annotation. */
export function splitPairs(words: readonly string[], what: string): { objects: string[]; changes: string[] } {
  const first = words.findIndex(isPair);
  if (first < 0) return { objects: [...words], changes: [] };
  const stray = words.slice(first).find((word) => !isPair(word));
  if (stray !== undefined) throw new CommandError(`all resources must be specified before ${what} changes: ${stray}`);
  return { objects: words.slice(0, first), changes: words.slice(first) };
}

export interface Changed {
  values: Record<string, string>;
  added: boolean;
  removed: boolean;
}

export function changePairs(before: Readonly<Record<string, string>>, { set, remove }: Pairs): Changed {
  const values = { ...before, ...Object.fromEntries(set) };
  const gone = remove.filter((key) => Object.hasOwn(before, key));
  for (const key of gone) delete values[key];
  return { values, added: [...set].some(([key, value]) => before[key] !== value), removed: gone.length > 0 };
}

/** A merge patch of one map in metadata. */
export function pairsPatch(field: 'labels' | 'annotations', { set, remove }: Pairs, resourceVersion: string | undefined): object {
  const values = { ...Object.fromEntries(set), ...Object.fromEntries(remove.map((key) => [key, null])) };
  return { metadata: { [field]: values, ...(resourceVersion === undefined ? {} : { resourceVersion }) } };
}
