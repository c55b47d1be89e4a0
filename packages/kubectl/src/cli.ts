import { Command, CommanderError, Option } from 'commander';
import { normalizeArguments } from './arguments.ts';
import { Factory } from './factory.ts';
import type { Connect, GlobalOptions } from './factory.ts';
import type { Io } from './io.ts';

type Verb = (factory: Factory, words: string[], options: never) => Promise<number>;
type Load = () => Promise<Verb>;

interface Session {
  io: Io;
  connect: Connect | undefined;
  exitCode: number;
}

const collect = (value: string, before: string[] = []): string[] => [...before, ...value.split(',')];

/** `--no-headers` and the like arrive as `headers: false`; every other option under its own name. */
async function runVerb(session: Session, load: Load, words: string[], command: Command): Promise<void> {
  const factory = new Factory(session.io, command.optsWithGlobals<GlobalOptions>(), session.connect);
  try {
    const verb = await load();
    session.exitCode = await verb(factory, words, command.opts() as never);
  } catch (error) {
    await factory.report(error);
    session.exitCode = 1;
  } finally {
    await factory.close();
  }
}

function addVerb(program: Command, session: Session, signature: string, summary: string, load: Load): Command {
  return program
    .command(signature)
    .description(summary)
    .argument('[words...]')
    .action((words: string[], _options: unknown, command: Command) => runVerb(session, load, words, command));
}

function addReadVerbs(program: Command, session: Session): void {
  addVerb(program, session, 'get', 'Display one or many resources', async () => (await import('./cmd/get.ts')).get)
    .usage('(TYPE[,TYPE] [NAME...] | TYPE/NAME...) [flags]')
    .option('-o, --output <format>', 'json, yaml, name or wide')
    .option('-w, --watch', 'after listing, print changes as they come')
    .option('-A, --all-namespaces', 'across all namespaces')
    .option('-l, --selector <selector>', 'label selector')
    .option('--field-selector <selector>', 'field selector')
    .option('--no-headers', 'do not print headers')
    .option('--show-labels', 'print labels as the last column')
    .addOption(new Option('-L, --label-columns <keys>', 'print these labels as columns').argParser(collect))
    .option('--show-managed-fields', 'keep managedFields in JSON and YAML')
    .option('--ignore-not-found', 'exit with 0 when an object does not exist');
  addVerb(program, session, 'describe', 'Show details of objects with their events', async () => (await import('./cmd/describe.ts')).describe)
    .usage('(TYPE [NAME...] | TYPE/NAME...) [flags]')
    .option('-A, --all-namespaces', 'across all namespaces')
    .option('-l, --selector <selector>', 'label selector');
  addVerb(program, session, 'api-resources', 'Print the resources the server has', async () => (await import('./cmd/api-resources.ts')).apiResources)
    .option('--no-headers', 'do not print headers');
  addVerb(program, session, 'version', 'Print the client and server version', async () => (await import('./cmd/version.ts')).version)
    .option('--client', 'only the client version')
    .option('-o, --output <format>', 'json or yaml');
}

function addLogs(program: Command, session: Session): void {
  addVerb(program, session, 'logs', 'Print the logs of a container in a pod', async () => (await import('./cmd/logs.ts')).logs)
    .usage('(POD | TYPE/NAME | -l SELECTOR) [-c CONTAINER] [flags]')
    .option('-c, --container <name>', 'the container to read')
    .option('-f, --follow', 'go on as lines are written')
    .option('-p, --previous', 'the instance before the present one')
    .option('-l, --selector <selector>', 'all pods with these labels')
    .option('--tail <lines>', 'only the last lines; -1 shows all')
    .option('--limit-bytes <bytes>', 'at most as many bytes of each container')
    .option('--since <duration>', 'only lines newer than, such as 5s, 2m or 3h')
    .option('--timestamps', 'put its time before each line')
    .option('--all-containers', 'all containers of the pod')
    .option('--prefix', 'put pod and container before each line');
}

function addWriteVerbs(program: Command, session: Session): void {
  const files = (command: Command): Command =>
    command
      .addOption(new Option('-f, --filename <path>', 'file, folder, or - for standard input').argParser(collect))
      .option('-R, --recursive', 'also the folders inside a folder');
  const writes = (command: Command): Command =>
    files(command).option('--validate [mode]', 'unknown and duplicate fields: strict (or true), warn or ignore (or false); strict if not said');
  writes(addVerb(program, session, 'apply', 'Create or change objects to match files', async () => (await import('./cmd/apply.ts')).apply));
  writes(addVerb(program, session, 'create', 'Create objects from files', async () => (await import('./cmd/create.ts')).create));
  files(addVerb(program, session, 'delete', 'Delete objects by name, label or file', async () => (await import('./cmd/delete.ts')).deleteObjects))
    .usage('(TYPE [NAME...] | TYPE/NAME... | -f FILE) [flags]')
    .option('-l, --selector <selector>', 'label selector')
    .option('--all', 'all objects of the types in the namespace')
    .option('-A, --all-namespaces', 'across all namespaces')
    .option('--grace-period <seconds>', 'time to stop in; below 0 the object decides', '-1')
    .option('--force', 'do not wait for the node to confirm; grace period 0')
    .option('--now', 'the same as --grace-period=1')
    .option('--no-wait', 'do not wait until the objects are gone')
    .option('--timeout <duration>', 'how long to wait; 0 = for ever', '0')
    .option('--ignore-not-found', 'an object that does not exist is no error');
}

function createProgram(session: Session): Command {
  const program = new Command('kubectl')
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
    .helpCommand(true);
  addReadVerbs(program, session);
  addLogs(program, session);
  addWriteVerbs(program, session);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

function usageError(error: CommanderError, argv: readonly string[], program: Command): string {
  const message = error.message.replace(/^error: /, '').split('\n')[0] ?? '';
  const flag = /^unknown option '(.*)'$/.exec(message)?.[1];
  const unknown = /^unknown command '(.*)'$/.exec(message)?.[1];
  const verb = program.commands.find((c) => argv.includes(c.name()))?.name();
  const help = verb === undefined ? 'kubectl --help' : `kubectl ${verb} --help`;
  if (unknown !== undefined) return `error: unknown command "${unknown}" for "kubectl"\n`;
  const text = flag === undefined ? message : `unknown flag: ${flag}`;
  return `error: ${text}\nSee '${help}' for usage.\n`;
}

/** Runs one command line (without node and script) and answers its exit status. */
export async function runKubectl(argv: readonly string[], io: Io, connect?: Connect): Promise<number> {
  const session: Session = { io, connect, exitCode: 0 };
  const program = createProgram(session);
  if (argv.length === 0) {
    io.out(program.helpInformation());
    return 0;
  }
  try {
    await program.parseAsync(normalizeArguments(argv, program), { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    io.err(usageError(error, argv, program));
    return 1;
  }
}

