import { loadVerbs } from './command-line.ts';
import type { LoadedLine } from './command-line.ts';
import { exitCodeOf } from './errors.ts';
import { Factory } from './factory.ts';
import type { Connect, GlobalOptions } from './factory.ts';
import { firstPlainWord, FlagError, parseLine } from './flag-set.ts';
import type { ParsedLine } from './flag-set.ts';
import type { Io } from './io.ts';
import type { Verb } from './verb.ts';
import { verbs } from './verbs.ts';

const HELP = new Set(['-h', '--help']);

const commandOf = ({ typed }: LoadedLine): string => ['kubectl', ...typed.map(({ name }) => name)].join(' ');

/** `help get` and `get --help` ask for the same. */
function asksForHelp({ typed, rest, globals, flags }: LoadedLine): boolean {
  const end = rest.indexOf('--');
  if ((end < 0 ? rest : rest.slice(0, end)).some((word) => HELP.has(word))) return true;
  return typed.length === 0 && rest[firstPlainWord(rest, [globals, flags])] === 'help';
}

async function helpOf(line: LoadedLine): Promise<string> {
  const { helpText } = await import('./help.ts');
  const last = line.typed.at(-1);
  const usage = last?.verb.usage ?? (last === undefined ? 'COMMAND [flags]' : '[flags]');
  const summary = last?.entry.summary ?? 'kubectl controls the cluster.';
  return helpText({ ...line, command: commandOf(line), usage, summary });
}

/** The line names no command, or one that only holds others. */
async function explainMissing(io: Io, line: LoadedLine): Promise<number> {
  const index = firstPlainWord(line.rest, [line.globals, line.flags]);
  if (index >= 0) {
    const unknown = JSON.stringify(line.rest[index]);
    const command = commandOf(line);
    io.err(line.typed.length === 0 ? `error: unknown command ${unknown} for "${command}"\n` : `error: unknown command ${unknown}\nSee '${command} -h' for help and examples\n`);
    return 1;
  }
  const flag = line.rest.find((word) => word.startsWith('-') && line.globals.named(word.replace(/=.*$/s, '')) === undefined);
  if (flag !== undefined) throw new FlagError(`unknown flag: ${flag}`);
  const help = await helpOf(line);
  if (line.typed.length > 0) io.err(help);
  else io.out(help);
  return line.typed.length === 0 ? 0 : 1;
}

async function runVerb(io: Io, run: NonNullable<Verb['run']>, { values, words, atDash }: ParsedLine, connect: Connect | undefined): Promise<number> {
  const [globals = {}, options = {}] = values;
  const factory = new Factory(io, globals as GlobalOptions, connect);
  try {
    return await run(factory, words, options as never, atDash);
  } catch (error) {
    await factory.report(error);
    return exitCodeOf(error);
  } finally {
    await factory.close();
  }
}

/** Below the last command, `help` behind `kubectl` names the rest: `help create secret`. */
async function readLine(words: readonly string[]): Promise<LoadedLine> {
  const line = await loadVerbs(words, verbs);
  const index = firstPlainWord(line.rest, [line.globals, line.flags]);
  if (line.typed.length > 0 || line.rest[index] !== 'help' || line.rest.length === 1) return line;
  return loadVerbs([...line.rest.toSpliced(index, 1), '--help'], verbs);
}

/** Runs one command line (without node and script) and answers its exit status. */
export async function runKubectl(words: readonly string[], io: Io, connect?: Connect): Promise<number> {
  const line = await readLine(words);
  try {
    if (asksForHelp(line)) {
      io.out(await helpOf(line));
      return 0;
    }
    const run = line.typed.at(-1)?.verb.run;
    if (run === undefined) return await explainMissing(io, line);
    return await runVerb(io, run, parseLine([line.globals, line.flags], line.rest), connect);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    io.err(`error: ${error.message}\nSee '${commandOf(line)} --help' for usage.\n`);
    return 1;
  }
}
