/** A command line that names no flag, or gives it what it does not take; as pflag says it. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

type ParseValue = (value: string, before: never) => unknown;

/**
 * One flag, declared as `-o, --output <format>`: `<…>` takes a value, `[…]` may take one behind `=`, none is true or false.
 * `--no-wait` declares `--wait`, which is true unless told otherwise.
 */
export class Option {
  readonly flags: string;
  readonly description: string;
  readonly short: string | undefined;
  readonly long: string;
  readonly takes: 'value' | 'optional' | 'nothing';
  readonly negated: boolean;
  defaultValue: unknown;
  mandatory = false;
  #preset = 'true';
  #parse: ParseValue | undefined;

  constructor(flags: string, description: string) {
    const [, short, long = '', placeholder = ''] = /^(?:(-.), )?(--[^ ]+)(?: (.+))?$/.exec(flags) ?? [];
    this.flags = flags;
    this.description = description;
    this.short = short;
    this.negated = long.startsWith('--no-');
    this.long = long;
    this.takes = placeholder === '' ? 'nothing' : placeholder.startsWith('[') ? 'optional' : 'value';
    this.defaultValue = this.negated ? true : undefined;
  }

  /** The name of its value: `allNamespaces`; `wait` for `--no-wait`. */
  get attribute(): string {
    return this.long.replace(this.negated ? '--no-' : '--', '').replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  }

  /** What `--validate` without a value means. */
  preset(value: string): this {
    this.#preset = value;
    return this;
  }

  /** Called with each value and what the flag had before. */
  argParser<T>(parse: (value: string, before?: T) => T): this {
    this.#parse = parse as ParseValue;
    return this;
  }

  /** Of one occurrence. `text` is undefined when there is no value. */
  valueOf(text: string | undefined, before: unknown, typed: string): unknown {
    if (this.takes !== 'nothing') return this.#parse === undefined ? (text ?? this.#preset) : this.#parse(text ?? this.#preset, before as never);
    if (text !== undefined && !/^(true|false|t|f|1|0)$/i.test(text)) {
      throw new FlagError(`invalid argument ${JSON.stringify(text)} for ${JSON.stringify(this.flags)} flag: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
    }
    const on = text === undefined || /^[t1]/i.test(text);
    // `--wait=false` and `--no-wait` are the same, and `--no-headers=false` is `--headers`.
    return this.negated && typed === this.long ? !on : on;
  }

  /** True for `--no-wait` and for `--wait` too. */
  isCalled(name: string): boolean {
    return name === this.long || (this.negated && name === this.long.replace('--no-', '--'));
  }
}

/** The flags of a command, or those of all. */
export class FlagSet {
  readonly options: Option[] = [];

  option(flags: string, description: string, defaultValue?: string): this;
  option<T>(flags: string, description: string, parse: (value: string, before?: T) => T, defaultValue?: T): this;
  option(flags: string, description: string, first?: unknown, second?: unknown): this {
    const option = new Option(flags, description);
    const defaultValue = typeof first === 'function' ? second : first;
    if (typeof first === 'function') option.argParser(first as (value: string) => unknown);
    if (defaultValue !== undefined) option.defaultValue = defaultValue;
    return this.addOption(option);
  }

  requiredOption(flags: string, description: string): this {
    const option = new Option(flags, description);
    option.mandatory = true;
    return this.addOption(option);
  }

  addOption(option: Option): this {
    this.options.push(option);
    return this;
  }

  named(name: string): Option | undefined {
    return this.options.find((option) => option.isCalled(name) || option.short === name);
  }
}

export interface ParsedLine {
  /** What each set's flags are, in the order of the sets. */
  values: Record<string, unknown>[];
  /** What is no flag. */
  words: string[];
  /** How many of the words stood before `--`; undefined when there is none. */
  atDash: number | undefined;
}

/** A flag as typed: `--output=json`, `-o json`, `-ojson`, and each letter of `-it`. */
interface Occurrence {
  option: Option;
  set: number;
  typed: string;
  value: string | undefined;
}

/** Reads a command line from left to right. Of flags of one name, the one of the last set counts. */
class LineReader {
  readonly #sets: readonly FlagSet[];
  readonly #line: readonly string[];
  #next = 0;

  constructor(sets: readonly FlagSet[], line: readonly string[]) {
    this.#sets = sets;
    this.#line = line;
  }

  get done(): boolean {
    return this.#next >= this.#line.length;
  }

  take(): string {
    this.#next += 1;
    return this.#line[this.#next - 1] ?? '';
  }

  rest(): string[] {
    const rest = this.#line.slice(this.#next);
    this.#next = this.#line.length;
    return rest;
  }

  occurrences(word: string): Occurrence[] {
    return word.startsWith('--') ? [this.#long(word)] : this.#cluster(word);
  }

  #find(name: string): [Option, number] | undefined {
    for (let set = this.#sets.length - 1; set >= 0; set -= 1) {
      const option = this.#sets[set]?.named(name);
      if (option !== undefined) return [option, set];
    }
    return undefined;
  }

  #long(word: string): Occurrence {
    const equals = word.indexOf('=');
    const typed = equals < 0 ? word : word.slice(0, equals);
    const found = this.#find(typed);
    if (found === undefined) throw new FlagError(`unknown flag: ${typed}`);
    const [option, set] = found;
    if (equals >= 0) return { option, set, typed, value: word.slice(equals + 1) };
    if (option.takes !== 'value') return { option, set, typed, value: undefined };
    if (this.done) throw new FlagError(`flag needs an argument: ${typed}`);
    return { option, set, typed, value: this.take() };
  }

  #cluster(word: string): Occurrence[] {
    const found: Occurrence[] = [];
    for (let i = 1; i < word.length; i += 1) {
      const typed = `-${word[i]}`;
      const [option, set] = this.#find(typed) ?? [];
      if (option === undefined || set === undefined) throw new FlagError(`unknown shorthand flag: '${word[i]}' in ${word}`);
      const rest = word.slice(i + 1);
      if (rest.startsWith('=')) return [...found, { option, set, typed, value: rest.slice(1) }];
      if (option.takes === 'value') return [...found, { option, set, typed, value: rest === '' ? this.#valueOf(word) : rest }];
      found.push({ option, set, typed, value: undefined });
    }
    return found;
  }

  #valueOf(word: string): string {
    if (this.done) throw new FlagError(`flag needs an argument: '${word.at(-1)}' in ${word}`);
    return this.take();
  }
}

const isFlag = (word: string): boolean => word.startsWith('-') && word !== '-';

const defaultsOf = ({ options }: FlagSet): Record<string, unknown> =>
  Object.fromEntries(options.filter(({ defaultValue }) => defaultValue !== undefined).map((option) => [option.attribute, option.defaultValue]));

/** Reads flags and words as pflag does: in any order, up to `--`. Throws `FlagError`. */
export function parseLine(sets: readonly FlagSet[], line: readonly string[]): ParsedLine {
  const reader = new LineReader(sets, line);
  const parsed: ParsedLine = { values: sets.map(defaultsOf), words: [], atDash: undefined };
  const given = new Set<Option>();
  while (!reader.done) {
    const word = reader.take();
    if (word === '--') {
      parsed.atDash = parsed.words.length;
      parsed.words.push(...reader.rest());
    } else if (!isFlag(word)) parsed.words.push(word);
    else {
      for (const { option, set, typed, value } of reader.occurrences(word)) {
        const values = parsed.values[set] ?? {};
        values[option.attribute] = option.valueOf(value, values[option.attribute], typed);
        given.add(option);
      }
    }
  }
  const missing = sets.flatMap(({ options }) => options).filter((option) => option.mandatory && !given.has(option));
  if (missing.length > 0) throw new FlagError(`required flag(s) ${missing.map(({ long }) => JSON.stringify(long.slice(2))).join(', ')} not set`);
  return parsed;
}

/** Where the first word stands that is neither a flag nor the value of one, as far as `sets` know the flags; -1 = nowhere. */
export function firstPlainWord(line: readonly string[], sets: readonly FlagSet[]): number {
  for (let i = 0; i < line.length && line[i] !== '--'; i += 1) {
    const word = line[i] ?? '';
    if (!isFlag(word)) return i;
    if (takesNext(word, sets)) i += 1;
  }
  return -1;
}

/** True when the word behind this one is its value. */
export function takesNext(word: string, sets: readonly FlagSet[]): boolean {
  return sets.some((set) => set.named(word)?.takes === 'value');
}
