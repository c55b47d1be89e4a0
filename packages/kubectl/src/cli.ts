import { Command, CommanderError } from 'commander';
import { findVerb, firstPlainWord } from '@podling/shared/command-line';
import type { TypedVerb } from '@podling/shared/command-line';
import { normalizeArguments } from './arguments.ts';
import { CommandError, exitCodeOf, explainError, FlagError } from './errors.ts';
import { Factory } from './factory.ts';
import type { Connect, GlobalOptions } from './factory.ts';
import { globalFlags, loadLine } from './flags.ts';
import type { Io } from './io.ts';
import type { Verb, VerbEntry, VerbTable } from './verb.ts';
import { verbs } from './verbs.ts';

interface Session {
  io: Io;
  connect: Connect | undefined;
  /** The words behind `--`; undefined when there is none. */
  behindDash: number | undefined;
  exitCode: number;
}

function refuseWarnings(count: number): void {
  if (count > 0) throw new CommandError(`${count} warning${count === 1 ? '' : 's'} received`);
}

/** Commander takes `-5` for a word. */
function refuseNumbers(words: readonly string[], command: Command): void {
  const flag = words.find((word) => /^-\d/.test(word));
  if (flag !== undefined) command.error(`error: unknown option '${flag}'`);
}

/** `--no-headers` and the like arrive as `headers: false`; every other option under its own name. */
async function runVerb(session: Session, run: NonNullable<Verb['run']>, words: string[], command: Command): Promise<void> {
  refuseNumbers(words.slice(0, words.length - (session.behindDash ?? 0)), command);
  const factory = new Factory(session.io, command.optsWithGlobals<GlobalOptions>(), session.connect);
  const atDash = session.behindDash === undefined ? undefined : words.length - session.behindDash;
  try {
    session.exitCode = await run(factory, words, command.opts() as never, atDash);
    if (factory.options.warningsAsErrors === true) refuseWarnings(factory.warnings);
  } catch (error) {
    await factory.report(error);
    session.exitCode = exitCodeOf(error);
  } finally {
    await factory.close();
  }
}

function addVerb(parent: Command, command: Command, { summary, aliases = [], hidden = false }: VerbEntry): Command {
  parent.addCommand(command.copyInheritedSettings(parent).description(summary).aliases(aliases), { hidden });
  return command;
}

/** The last command of the line, the one that has flags and work. */
function addLastVerb(parent: Command, session: Session, { verb: { usage, run }, entry, flags }: TypedVerb<Verb, Command>): Command {
  const command = addVerb(parent, flags, entry);
  if (usage !== undefined) command.usage(usage);
  if (run === undefined) return command;
  return command.argument('[words...]').action((words: string[], _options: unknown, self: Command) => runVerb(session, run, words, self));
}

function listVerbs(parent: Command, table: VerbTable): void {
  for (const [name, entry] of Object.entries(table)) addVerb(parent, new Command(name), entry);
}

function createProgram(session: Session): Command {
  return globalFlags(new Command('kubectl'))
    .description('kubectl controls the cluster.')
    .configureOutput({ writeOut: (text) => session.io.out(text), writeErr: () => {}, outputError: () => {} })
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .helpCommand(false);
}

interface CommandLine {
  /** The program, the command and the command below it, as typed. */
  chain: Command[];
  /** Their names. */
  names: string[];
  /** The words that are left, flags among them. */
  rest: string[];
  /** The commands below the last. */
  below: VerbTable;
}

/** Makes the commands that the line names. Flags belong to the last of them, wherever they stand. */
async function readLine(program: Command, session: Session, words: readonly string[]): Promise<CommandLine> {
  const { typed, rest, below } = await loadLine(words, verbs, program);
  const chain = [program];
  for (const [i, one] of typed.entries()) {
    const parent = chain.at(-1) ?? program;
    chain.push(i === typed.length - 1 ? addLastVerb(parent, session, one) : addVerb(parent, new Command(one.name), one.entry));
  }
  listVerbs(chain.at(-1) ?? program, below);
  return { chain, names: typed.map(({ name }) => name), rest, below };
}

/** `help get` says what `get --help` says. */
function helpAsFlag(argv: readonly string[], program: Command): string[] {
  const index = firstPlainWord(argv, [program]);
  return argv[index] === 'help' ? [...argv.toSpliced(index, 1), '--help'] : [...argv];
}

/** Commander takes it for a command, and does nothing: it is not loaded. */
function commandBehindDash({ chain, rest, below }: CommandLine): string | undefined {
  const dash = rest.indexOf('--');
  const word = dash < 0 || firstPlainWord(rest, chain) >= 0 ? undefined : rest[dash + 1];
  return word === undefined || findVerb(below, word) === undefined ? undefined : word;
}

/** As the real kubectl names a flag that commander refuses. */
function flagProblem(message: string): string {
  const unknown = /^unknown option '(.*)'$/.exec(message)?.[1];
  if (unknown !== undefined) return /^-[^-]/.test(unknown) ? `unknown shorthand flag: '${unknown[1]}' in ${unknown}` : `unknown flag: ${unknown}`;
  const [, short, long] = /^option '(?:-(.), )?(--[^ ]*).*' argument missing$/.exec(message) ?? [];
  if (long === undefined) return message;
  return short === undefined ? `flag needs an argument: ${long}` : `flag needs an argument: '${short}' in -${short}`;
}

/** With the commands that the word may have meant: a few letters away, or longer. */
async function unknownCommand(word: string, { chain, below }: CommandLine): Promise<string> {
  const typed = chain.map((command) => command.name()).join(' ');
  if (chain.length > 1) return `error: unknown command "${word}"\nSee '${typed} -h' for help and examples\n`;
  const { isNear } = await import('./edit-distance.ts');
  const meant = Object.entries(below).filter(([name, { hidden }]) => hidden !== true && isNear(word, name)).map(([name]) => `\t${name}\n`);
  return `error: unknown command "${word}" for "${typed}"\n${meant.length === 0 ? '' : `\nDid you mean this?\n${meant.join('')}`}`;
}

async function usageProblem(error: CommanderError | FlagError, line: CommandLine): Promise<string> {
  const message = error.message.replace(/^error: /, '').split('\n')[0] ?? '';
  const unknown = /^unknown command '(.*)'$/.exec(message)?.[1];
  if (unknown !== undefined) return unknownCommand(unknown, line);
  const stray = Object.keys(line.below).length === 0 ? undefined : line.rest[firstPlainWord(line.rest, line.chain)];
  if (stray !== undefined && message.startsWith('unknown option')) return unknownCommand(stray, line);
  const required = /^required option '--([^ ]*).*' not specified$/.exec(message)?.[1];
  if (required !== undefined) return `error: required flag(s) "${required}" not set\n`;
  return `error: ${flagProblem(message)}\nSee '${line.chain.map((command) => command.name()).join(' ')} --help' for usage.\n`;
}

/** The last command only holds others, and none of them is named: an error for all but kubectl alone. */
function explainIncomplete(chain: readonly Command[], io: Io): number {
  const help = chain.at(-1)?.helpInformation() ?? '';
  if (chain.length > 1) io.err(help);
  else io.out(help);
  return chain.length > 1 ? 1 : 0;
}

async function refuseBehindDash(word: string, line: CommandLine, io: Io): Promise<number> {
  if (line.chain.length === 1) return explainIncomplete(line.chain, io);
  io.err(await unknownCommand(word, line));
  return 1;
}

/** Runs one command line (without node and script) and answers its exit status. */
export async function runKubectl(line: readonly string[], io: Io, connect?: Connect): Promise<number> {
  const dash = line.indexOf('--');
  const session: Session = { io, connect, behindDash: dash < 0 ? undefined : line.length - dash - 1, exitCode: 0 };
  const program = createProgram(session);
  const typed = await readLine(program, session, helpAsFlag(line, program));
  const behind = commandBehindDash(typed);
  try {
    if (behind !== undefined) return await refuseBehindDash(behind, typed, io);
    await program.parseAsync([...typed.names, ...normalizeArguments(typed.rest, typed.chain)], { from: 'user' });
    return session.exitCode;
  } catch (error) {
    return await endOf(error, typed, io);
  }
}

/** The exit status of a line that did not come to its work. */
async function endOf(error: unknown, line: CommandLine, io: Io): Promise<number> {
  if (error instanceof CommandError) io.err(`${explainError(error, '')}\n`);
  else if (error instanceof FlagError) io.err(await usageProblem(error, line));
  else if (!(error instanceof CommanderError)) throw error;
  else if (error.exitCode === 0) return 0;
  else if (error.code === 'commander.help') return explainIncomplete(line.chain, io);
  else io.err(await usageProblem(error, line));
  return 1;
}
