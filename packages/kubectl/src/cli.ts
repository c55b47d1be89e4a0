import { Command, CommanderError } from 'commander';
import { firstPlainWord, normalizeArguments } from './arguments.ts';
import { exitCodeOf } from './errors.ts';
import { Factory } from './factory.ts';
import type { Connect, GlobalOptions } from './factory.ts';
import type { Io } from './io.ts';
import { findVerb } from './verb.ts';
import type { Verb, VerbEntry, VerbTable } from './verb.ts';
import { verbs } from './verbs.ts';

interface Session {
  io: Io;
  connect: Connect | undefined;
  /** The words behind `--`; undefined when there is none. */
  behindDash: number | undefined;
  exitCode: number;
}

/** `--no-headers` and the like arrive as `headers: false`; every other option under its own name. */
async function runVerb(session: Session, run: NonNullable<Verb['run']>, words: string[], command: Command): Promise<void> {
  const factory = new Factory(session.io, command.optsWithGlobals<GlobalOptions>(), session.connect);
  const atDash = session.behindDash === undefined ? undefined : words.length - session.behindDash;
  try {
    session.exitCode = await run(factory, words, command.opts() as never, atDash);
  } catch (error) {
    await factory.report(error);
    session.exitCode = exitCodeOf(error);
  } finally {
    await factory.close();
  }
}

function addVerb(parent: Command, session: Session, name: string, { summary, aliases = [] }: VerbEntry, verb: Verb): Command {
  const command = parent.command(name).description(summary).aliases(aliases);
  if (verb.usage !== undefined) command.usage(verb.usage);
  verb.flags?.(command);
  if (verb.verbs !== undefined) command.enablePositionalOptions();
  const { run } = verb;
  if (run === undefined) return command;
  return command.argument('[words...]').action((words: string[], _options: unknown, self: Command) => runVerb(session, run, words, self));
}

function listVerbs(parent: Command, table: VerbTable): void {
  for (const [name, { summary, aliases = [], hidden = false }] of Object.entries(table)) {
    parent.command(name, { hidden }).description(summary).aliases(aliases);
  }
}

function createProgram(session: Session): Command {
  return new Command('kubectl')
    .description('kubectl controls the cluster.')
    .option('--kubeconfig <path>', 'the kubeconfig file')
    .option('--context <name>', 'the context of the kubeconfig')
    .option('-n, --namespace <name>', 'the namespace')
    .option('-s, --server <url>', 'the address of the apiserver')
    .option('--request-timeout <duration>', 'how long one request may take, a watch and a followed log too; 0 = for ever')
    .option('-v, --v <level>', 'from 6 up, requests are shown')
    .configureOutput({ writeOut: (text) => session.io.out(text), writeErr: (text) => session.io.err(text), outputError: () => {} })
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .helpCommand(false);
}

interface CommandLine {
  /** The program, the command and the command below it, as typed. */
  chain: Command[];
  /** With the names of the commands in front. */
  argv: string[];
}

/** Loads the commands that the line names, and no other. */
async function readLine(program: Command, session: Session, typed: readonly string[]): Promise<CommandLine> {
  const chain = [program];
  const names: string[] = [];
  let rest = [...typed];
  let table: VerbTable | undefined = verbs;
  for (let parent = program; table !== undefined; ) {
    const index = firstPlainWord(rest, chain);
    const found: [string, VerbEntry] | undefined = index < 0 ? undefined : findVerb(table, rest[index] ?? '');
    if (found === undefined) {
      listVerbs(parent, table);
      break;
    }
    const [name, entry] = found;
    const verb: Verb = await entry.load();
    parent = addVerb(parent, session, name, entry, verb);
    chain.push(parent);
    names.push(name);
    rest = rest.toSpliced(index, 1);
    table = verb.verbs;
  }
  return { chain, argv: [...names, ...normalizeArguments(rest, chain)] };
}

/** `help get` says what `get --help` says. */
function helpAsFlag(argv: readonly string[], program: Command): string[] {
  const index = firstPlainWord(argv, [program]);
  return argv[index] === 'help' ? [...argv.toSpliced(index, 1), '--help'] : [...argv];
}

/** As the real kubectl names a flag that commander refuses. */
function flagProblem(message: string): string {
  const unknown = /^unknown option '(.*)'$/.exec(message)?.[1];
  if (unknown !== undefined) return /^-[^-]/.test(unknown) ? `unknown shorthand flag: '${unknown[1]}' in ${unknown}` : `unknown flag: ${unknown}`;
  const [, short, long] = /^option '(?:-(.), )?(--[^ ]*).*' argument missing$/.exec(message) ?? [];
  if (long === undefined) return message;
  return short === undefined ? `flag needs an argument: ${long}` : `flag needs an argument: '${short}' in -${short}`;
}

function usageError(error: CommanderError, chain: readonly Command[]): string {
  const message = error.message.replace(/^error: /, '').split('\n')[0] ?? '';
  const unknown = /^unknown command '(.*)'$/.exec(message)?.[1];
  const typed = chain.map((command) => command.name()).join(' ');
  if (unknown === undefined) return `error: ${flagProblem(message)}\nSee '${typed} --help' for usage.\n`;
  return chain.length === 1 ? `error: unknown command "${unknown}" for "${typed}"\n` : `error: unknown command "${unknown}"\nSee '${typed} -h' for help and examples\n`;
}

/** Runs one command line (without node and script) and answers its exit status. */
export async function runKubectl(typed: readonly string[], io: Io, connect?: Connect): Promise<number> {
  const dash = typed.indexOf('--');
  const session: Session = { io, connect, behindDash: dash < 0 ? undefined : typed.length - dash - 1, exitCode: 0 };
  const program = createProgram(session);
  const { chain, argv } = await readLine(program, session, helpAsFlag(typed, program));
  const last = chain.at(-1) ?? program;
  try {
    if (argv.length === chain.length - 1 && last.commands.length > 0) last.help();
    await program.parseAsync(argv, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    io.err(usageError(error, chain));
    return 1;
  }
}
