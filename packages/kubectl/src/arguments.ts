import type { Command, Option } from 'commander';
import { FlagError } from './errors.ts';
import { flagName } from './flags.ts';

interface Flags {
  /** How messages name those that are true or false. */
  names: Map<string, string>;
  /** Off unless given: `--force`. */
  off: Set<string>;
  /** Commander only knows the negation of these: `--no-wait` for kubectl's `--wait=false`. */
  on: Set<string>;
  /** `--validate` for `--validate=strict`: the value never is the next word. */
  preset: Map<string, string>;
}

function namesOf(option: Option): [typed: string, name: string][] {
  const { short, long = '', negate } = option;
  if (negate) return [long, long.replace(/^--no-/, '--')].map((name) => [name, name]);
  return [short, long].filter((name) => name !== undefined).map((name) => [name, flagName(option)]);
}

function flagsOf(commands: readonly Command[]): Flags {
  const options = commands.flatMap((command) => command.options.filter((o) => !o.required));
  const named = (wanted: (option: Option) => boolean): string[] => options.filter(wanted).map((o) => o.long ?? '');
  return {
    names: new Map(options.filter((o) => !o.optional).flatMap(namesOf)),
    off: new Set(named((o) => !o.optional && !o.negate)),
    on: new Set(named((o) => o.negate).map((name) => name.replace(/^--no-/, '--'))),
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

const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

function boolean(value: string, flag: string): boolean {
  if (TRUE.includes(value)) return true;
  if (FALSE.includes(value)) return false;
  throw new FlagError(value, flag, `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

function normalizeWord(word: string, flags: Flags): string[] {
  const [, flag, value] = /^(-[a-zA-Z]|--[a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (flag === undefined) return [word];
  const name = flags.names.get(flag);
  if (flag.length > 2) return normalizeFlag(word, flag, value === undefined || name === undefined || boolean(value, name), flags);
  if (value === undefined) return [word];
  if (name === undefined) return [flag, value];
  return boolean(value, name) ? [flag] : [];
}

/** Brings kubectl's flag forms that commander does not know (`-o=yaml`, `--wait=false`) into those that it does. */
export function normalizeArguments(argv: readonly string[], commands: readonly Command[]): string[] {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const flags = flagsOf(commands);
  return [...words.flatMap((word) => normalizeWord(word, flags)), ...(end < 0 ? [] : argv.slice(end))];
}
