import { existsSync } from 'node:fs';
import { firstPlainWord, loadVerbs } from '@podling/shared/command-line';
import type { TypedVerb } from '@podling/shared/command-line';
import { Command, CommanderError } from 'commander';
import { ConfigFile } from './config-file.ts';
import { connect as defaultConnect } from './connect.ts';
import { OutputError } from './interrupts.ts';
import type { Io } from './io.ts';
import { CommandError, ExitError, messageOf, report } from './report.ts';
import { Session } from './session.ts';
import type { Connect } from './session.ts';
import { addGlobalFlags, configPath, settingsOf } from './settings.ts';
import type { GlobalFlags } from './settings.ts';
import { flagsOf } from './verb.ts';
import type { Verb, VerbEntry, VerbTable } from './verb.ts';
import { verbs } from './verbs.ts';

/** What crictl this one answers like. */
export const version = 'v1.36.0-podling';

interface Run {
  io: Io;
  connect: Connect;
  program: Command;
}

/** Runs one command line (without node and script) and answers its exit status. */
export async function runCrictl(typed: readonly string[], io: Io, connect: Connect = defaultConnect): Promise<number> {
  const program = createProgram(io);
  try {
    await addTyped({ io, connect, program }, typed);
    if (typed.length === 0) program.help();
    await program.parseAsync(typed, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return usageExit(error, io);
    // What it failed with for that is nobody's.
    if (io.interrupted.reason instanceof OutputError) return io.interrupted.reason.exitCode;
    report(io, 'fatal', messageOf(error));
    return error instanceof ExitError ? error.exitCode : 1;
  }
}

function createProgram(io: Io): Command {
  const program = new Command('crictl')
    .description('client for CRI')
    .version(`crictl version ${version}`, '-v, --version')
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text), outputError: () => {} })
    .enablePositionalOptions()
    .exitOverride();
  return addGlobalFlags(program);
}

/** Loads the commands that the line names, and no other. */
async function addTyped(run: Run, words: readonly string[]): Promise<void> {
  const help = firstPlainWord(words, [run.program]);
  const { typed } = await loadVerbs(words[help] === 'help' ? words.toSpliced(help, 1) : words, verbs, { globals: run.program, of: flagsOf });
  addTable(run, run.program, verbs, typed);
}

function addTable(run: Run, parent: Command, table: VerbTable, [first, ...others]: readonly TypedVerb<Verb, Command>[]): void {
  for (const [name, entry] of Object.entries(table)) {
    const { verb, flags } = first?.name === name ? first : { verb: {}, flags: new Command(name) };
    addVerb(run, parent, flags, entry, verb);
    if (verb.verbs !== undefined) addTable(run, flags, verb.verbs, others);
  }
}

function addVerb(run: Run, parent: Command, command: Command, { summary, aliases = [], hidden = false }: VerbEntry, verb: Verb): void {
  parent.addCommand(command.copyInheritedSettings(parent).summary(summary).description(verb.description ?? summary).aliases(aliases).helpCommand(false), { hidden });
  const work = verb.run;
  if (work === undefined) return;
  command.usage(`[flags] ${verb.usage ?? ''}`.trim());
  if (verb.passThrough === true) command.passThroughOptions();
  command.argument('[words...]').action((words: string[], _options: unknown, self: Command) => {
    if (verb.usage === undefined && words[0] !== undefined) throw new CommandError(verb.verbs === undefined ? `${command.name()} takes no arguments: ${words.join(' ')}` : `no such command: ${words[0]}`);
    return runVerb(run, (session) => work(session, words, self.opts() as never));
  });
}

async function runVerb({ io, connect, program }: Run, work: (session: Session) => Promise<void>): Promise<void> {
  const flags = program.opts<GlobalFlags>();
  const session = new Session(io, settingsOf(program, configFile(flags, io), io.env), flags, connect);
  try {
    await work(session);
  } finally {
    await session.close();
  }
}

/** One that was asked for has to be there. */
function configFile(flags: GlobalFlags, { env }: Io): ConfigFile | undefined {
  const path = configPath(flags, env);
  if (existsSync(path)) return new ConfigFile(path);
  if (flags.config !== undefined) throw new CommandError(`load config file: open ${path}: no such file or directory`);
  return undefined;
}

function usageExit(error: CommanderError, io: Io): number {
  if (error.exitCode === 0) return 0;
  // Its help has been printed: it only holds others.
  if (error.code === 'commander.help') return 1;
  const message = error.message.replace(/^error: /, '').split('\n')[0] ?? '';
  const unknown = /^unknown command '(.*)'$/.exec(message)?.[1];
  if (unknown !== undefined) {
    io.err(`No help topic for '${unknown}'\n`);
    return 3;
  }
  report(io, 'fatal', flagProblem(message));
  return 1;
}

/** As upstream names a flag that commander refuses. */
function flagProblem(message: string): string {
  const unknown = /^unknown option '-*(.*)'$/.exec(message)?.[1];
  if (unknown !== undefined) return `flag provided but not defined: -${unknown}`;
  const wanting = /^option '.*?--([a-z-]+) <.*' argument missing$/.exec(message)?.[1];
  return wanting === undefined ? message : `flag needs an argument: -${wanting}`;
}
