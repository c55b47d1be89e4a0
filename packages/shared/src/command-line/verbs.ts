/** A command of a table, as `kubectl` and `crictl` list theirs. */
export interface VerbEntry<Verb> {
  summary: string;
  aliases?: readonly string[];
  /** Not in the list that `--help` prints. */
  hidden?: boolean;
  /** Only the command that was typed is loaded: how fast a command starts counts. */
  load: () => Promise<Verb>;
}

export type VerbTable<Verb> = Readonly<Record<string, VerbEntry<Verb>>>;

/** What has commands below it. */
interface Parent<Verb> {
  verbs?: VerbTable<Verb>;
}

/** A flag; `required`: it takes a value. */
export interface Flag {
  short?: string | undefined;
  long?: string | undefined;
  required: boolean;
  hidden: boolean;
  description: string;
}

/** Flags of a command; one of commander is one. */
export interface FlagSet {
  readonly options: readonly Flag[];
}

/** A command of the line as typed, loaded. */
export interface TypedVerb<Verb, Flags = FlagSet> {
  name: string;
  entry: VerbEntry<Verb>;
  verb: Verb;
  flags: Flags;
}

export interface LoadedLine<Verb, Flags = FlagSet> {
  typed: TypedVerb<Verb, Flags>[];
  /** The words that are left, flags among them. */
  rest: string[];
  /** The commands below the last. */
  below: VerbTable<Verb>;
  /** The flags that may be among `rest`. */
  known: FlagSet[];
}

export interface LineFlags<Verb, Flags extends FlagSet> {
  /** Of every command. */
  globals: FlagSet;
  of: (name: string, verb: Verb) => Flags;
}

/** The entry of that name or alias. */
export function findVerb<Verb>(table: VerbTable<Verb>, word: string): [name: string, entry: VerbEntry<Verb>] | undefined {
  const named = Object.hasOwn(table, word) ? table[word] : undefined;
  return named === undefined ? Object.entries(table).find(([, { aliases }]) => aliases?.includes(word) === true) : [word, named];
}

/** Whether the word is a flag whose value is the next word. */
export function takesValue(known: readonly FlagSet[], word: string): boolean {
  return known.some(({ options }) => options.some((flag) => flag.required && (flag.short === word || flag.long === word)));
}

/** Where the first word stands that is neither a flag nor the value of one, as far as the flags are known; -1 = nowhere. */
export function firstPlainWord(words: readonly string[], known: readonly FlagSet[]): number {
  for (let i = 0; i < words.length && words[i] !== '--'; i += 1) {
    const word = words[i] ?? '';
    if (!word.startsWith('-') || word === '-') return i;
    if (takesValue(known, word)) i += 1;
  }
  return -1;
}

/** Loads the commands that the words name, and no other. */
export async function loadVerbs<Verb extends Parent<Verb>, Flags extends FlagSet>(words: readonly string[], table: VerbTable<Verb>, { globals, of }: LineFlags<Verb, Flags>): Promise<LoadedLine<Verb, Flags>> {
  const typed: TypedVerb<Verb, Flags>[] = [];
  const known: FlagSet[] = [globals];
  let rest = [...words];
  let below = table;
  for (;;) {
    const index = firstPlainWord(rest, known);
    const found = index < 0 ? undefined : findVerb(below, rest[index] ?? '');
    if (found === undefined) return { typed, rest, below, known };
    const [name, entry] = found;
    const verb = await entry.load();
    const flags = of(name, verb);
    typed.push({ name, entry, verb, flags });
    known.push(flags);
    rest = rest.toSpliced(index, 1);
    below = verb.verbs ?? {};
  }
}
