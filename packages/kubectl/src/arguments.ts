import type { Command } from 'commander';

/** Flags that are on unless told otherwise; commander calls their negation `--no-NAME`. */
const ON_BY_DEFAULT = new Set(['--wait']);

function booleanFlags(commands: readonly Command[]): Set<string> {
  const flags = commands.flatMap((command) => command.options.filter((o) => !o.required && !o.optional).map((o) => (o.long ?? '').replace(/^--no-/, '--')));
  return new Set(flags);
}

function normalizeWord(word: string, booleans: ReadonlySet<string>): string[] {
  const short = /^(-[a-zA-Z])=(.*)$/s.exec(word);
  if (short !== null) return short[2] === 'true' ? [short[1] ?? ''] : short[2] === 'false' ? [] : [short[1] ?? '', short[2] ?? ''];
  const [, flag = '', value = ''] = /^(--[a-z-]+)=(true|false)$/.exec(word) ?? [];
  if (!booleans.has(flag)) return [word];
  if (value === 'false') return ON_BY_DEFAULT.has(flag) ? [flag.replace('--', '--no-')] : [];
  return ON_BY_DEFAULT.has(flag) ? [] : [flag];
}

/** Brings kubectl's flag forms that commander does not know (`-o=yaml`, `--wait=false`) into those that it does. */
export function normalizeArguments(argv: readonly string[], program: Command): string[] {
  const end = argv.indexOf('--');
  const flags = end < 0 ? argv : argv.slice(0, end);
  const booleans = booleanFlags([program, ...program.commands]);
  return [...flags.flatMap((word) => normalizeWord(word, booleans)), ...(end < 0 ? [] : argv.slice(end))];
}
