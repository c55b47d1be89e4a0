import { firstPlainWord, FlagSet } from './flag-set.ts';
import { findVerb } from './verb.ts';
import type { Verb, VerbEntry, VerbTable } from './verb.ts';

/** The flags of every command: `GlobalOptions`. */
export function globalFlags(): FlagSet {
  return new FlagSet()
    .option('--kubeconfig <path>', 'the kubeconfig file')
    .option('--context <name>', 'the context of the kubeconfig')
    .option('-n, --namespace <name>', 'the namespace')
    .option('-s, --server <url>', 'the address of the apiserver')
    .option('--request-timeout <duration>', 'how long one request may take, a watch and a followed log too; 0 = for ever')
    .option('-v, --v <level>', 'from 6 up, requests are shown');
}

/** A command of the line as typed, loaded. */
export interface TypedVerb {
  name: string;
  entry: VerbEntry;
  verb: Verb;
}

export interface LoadedLine {
  typed: TypedVerb[];
  /** The words that are left, flags among them. */
  rest: string[];
  /** The commands below the last. */
  below: VerbTable;
  globals: FlagSet;
  /** Of the last command, to which all flags of the line belong. */
  flags: FlagSet;
}

/** Loads the commands that the words name, and no other. */
export async function loadVerbs(words: readonly string[], verbs: VerbTable): Promise<LoadedLine> {
  const globals = globalFlags();
  const line: LoadedLine = { typed: [], rest: [...words], below: verbs, globals, flags: new FlagSet() };
  for (const known = [globals]; ; known.push(line.flags)) {
    const index = firstPlainWord(line.rest, known);
    const found = index < 0 ? undefined : findVerb(line.below, line.rest[index] ?? '');
    if (found === undefined) return line;
    const [name, entry] = found;
    const verb = await entry.load();
    line.typed.push({ name, entry, verb });
    line.flags = new FlagSet();
    verb.flags?.(line.flags);
    line.rest = line.rest.toSpliced(index, 1);
    line.below = verb.verbs ?? {};
  }
}
