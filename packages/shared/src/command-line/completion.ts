import { sanitizeCell } from '../util/sanitize.ts';
import { takesValue } from './verbs.ts';
import type { FlagSet, LoadedLine, VerbTable } from './verbs.ts';

export { completionScripts } from './completion-scripts.ts';

/** What may come in place of the last word. */
export interface Candidate {
  value: string;
  description?: string;
}

/** What a program knows beyond its commands and flags. */
export interface Completions {
  /** Behind the words that stand there already; undefined: the commands below. */
  words: (before: readonly string[]) => Promise<Candidate[]> | undefined;
  /** Of a flag that takes a value, by its long name, behind the words that stand there already. */
  values: (flag: string, before: readonly string[]) => Promise<Candidate[]>;
}

/** One in a line, with a description behind a tab: what {@link completionScripts} read. */
export async function complete<Verb>(line: LoadedLine<Verb>, current: string, completions: Completions): Promise<string> {
  const found = (await candidates(line, current, completions)).filter(({ value }) => value.startsWith(current));
  return found.map(({ value, description }) => `${sanitizeCell(value)}${description === undefined ? '' : `\t${sanitizeCell(description)}`}\n`).join('');
}

async function candidates<Verb>(line: LoadedLine<Verb>, current: string, { words, values }: Completions): Promise<Candidate[]> {
  const before = plainWords(line);
  const equals = current.indexOf('=');
  if (current.startsWith('--') && equals > 0) {
    const flag = current.slice(0, equals);
    return (await values(flag, before)).map(({ value }) => ({ value: `${flag}=${value}` }));
  }
  const last = line.rest.at(-1) ?? '';
  if (takesValue(line.known, last)) return values(longName(line.known, last), before);
  if (current.startsWith('-')) return flags(line.known);
  return (await words(before)) ?? (before.length === 0 ? commands(line.below) : []);
}

function commands<Verb>(table: VerbTable<Verb>): Candidate[] {
  return Object.entries(table).filter(([, { hidden }]) => hidden !== true).map(([value, { summary }]) => ({ value, description: summary }));
}

function flags(known: readonly FlagSet[]): Candidate[] {
  const shown = known.flatMap(({ options }) => options).filter(({ hidden }) => !hidden);
  return shown.map(({ long = '', required, description }) => ({ value: `${long}${required ? '=' : ''}`, description }));
}

/** The innermost command's, where several have the letter. */
function longName(known: readonly FlagSet[], flag: string): string {
  return known.flatMap(({ options }) => options).findLast(({ short, long }) => short === flag || long === flag)?.long ?? flag;
}

/** The words that are neither flags nor their values. */
function plainWords<Verb>({ rest, known }: LoadedLine<Verb>): string[] {
  return rest.filter((word, i) => !word.startsWith('-') && !takesValue(known, rest[i - 1] ?? ''));
}
