import type { Command, Option } from 'commander';

interface Flags {
  /** Off unless given: `--force`. */
  off: Set<string>;
  /** Commander only knows the negation of these: `--no-wait` for kubectl's `--wait=false`. */
  on: Set<string>;
  /** `--validate` for `--validate=strict`: the value never is the next word. */
  preset: Map<string, string>;
}

function flagsOf(commands: readonly Command[]): Flags {
  const options = commands.flatMap((command) => command.options.filter((o) => !o.required));
  const names = (wanted: (option: Option) => boolean): string[] => options.filter(wanted).map((o) => o.long ?? '');
  return {
    off: new Set(names((o) => !o.optional && !o.negate)),
    on: new Set(names((o) => o.negate).map((name) => name.replace(/^--no-/, '--'))),
    preset: new Map(options.filter((o) => o.optional).map((o) => [o.long ?? '', typeof o.presetArg === 'string' ? o.presetArg : 'true'])),
  };
}

/** kubectl takes `--wait=false` and `--no-headers=true`; commander takes neither. */
function normalizeFlag(word: string, flag: string, value: boolean, { off, on, preset }: Flags): string[] {
  if (off.has(flag)) return value ? [flag] : [];
  if (on.has(flag)) return value ? [] : [flag.replace('--', '--no-')];
  if (on.has(flag.replace(/^--no-/, '--'))) return value ? [flag] : [];
  return preset.has(word) ? [`${word}=${preset.get(word)}`] : [word];
}

function normalizeWord(word: string, flags: Flags): string[] {
  const short = /^(-[a-zA-Z])=(.*)$/s.exec(word);
  if (short !== null) return short[2] === 'true' ? [short[1] ?? ''] : short[2] === 'false' ? [] : [short[1] ?? '', short[2] ?? ''];
  const long = /^(--[a-z-]+)(?:=(true|false))?$/.exec(word);
  return long === null ? [word] : normalizeFlag(word, long[1] ?? '', long[2] !== 'false', flags);
}

/** Brings kubectl's flag forms that commander does not know (`-o=yaml`, `--wait=false`) into those that it does. */
export function normalizeArguments(argv: readonly string[], commands: readonly Command[]): string[] {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const flags = flagsOf(commands);
  return [...words.flatMap((word) => normalizeWord(word, flags)), ...(end < 0 ? [] : argv.slice(end))];
}

/** Where the first word stands that is neither a flag nor the value of one, as far as `commands` know the flags; -1 = nowhere. */
export function firstPlainWord(argv: readonly string[], commands: readonly Command[]): number {
  const takesValue = (word: string): boolean =>
    commands.some((command) => command.options.some((o) => o.required && (o.short === word || o.long === word)));
  for (let i = 0; i < argv.length && argv[i] !== '--'; i += 1) {
    const word = argv[i] ?? '';
    if (!word.startsWith('-') || word === '-') return i;
    if (takesValue(word)) i += 1;
  }
  return -1;
}
