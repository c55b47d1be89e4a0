import type { FlagSet, Option } from './flag-set.ts';
import type { VerbTable } from './verb.ts';

const WIDTH = 80;

export interface HelpText {
  /** `kubectl create secret`. */
  command: string;
  usage: string;
  summary: string;
  flags: FlagSet;
  globals: FlagSet;
  below: VerbTable;
}

/** Words in lines, those after the first behind `indent` spaces. */
function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH - indent) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return '';
  const width = Math.max(...rows.map(([term]) => term.length)) + 4;
  return `\n${title}:\n${rows.map(([term, text]) => `  ${term.padEnd(width - 2)}${wrap(text, width)}\n`).join('')}`;
}

function rowOf({ flags, description, defaultValue, negated }: Option): [string, string] {
  const shown = negated || defaultValue === undefined || defaultValue === '' ? '' : ` (default: ${JSON.stringify(defaultValue)})`;
  return [flags, description + shown];
}

/** What `--help` prints. */
export function helpText({ command, usage, summary, flags, globals, below }: HelpText): string {
  const commands = Object.entries(below).filter(([, { hidden }]) => hidden !== true);
  return [
    `Usage: ${command} ${usage}\n\n${summary}\n`,
    section('Commands', commands.map(([name, { summary: text, aliases = [] }]) => [[name, ...aliases].join('|'), text] as const)),
    section('Options', [...flags.options.map(rowOf), ['-h, --help', 'show this']]),
    section('Global Options', globals.options.map(rowOf)),
  ].join('');
}
