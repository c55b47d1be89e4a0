import { Command, Option } from 'commander';
import { loadVerbs } from '@podling/shared/command-line';
import type { LoadedLine } from '@podling/shared/command-line';
import { CommandError, FlagError } from './errors.ts';
import type { Verb, VerbTable } from './verb.ts';

/** For a flag that may come several times and with several values at once: `-f a -f b,c`. */
export const collect = (value: string, before: string[] = []): string[] => [...before, ...value.split(',')];

/** For a flag that may come several times, each time with one value that may hold commas. */
export const collectEach = (value: string, before: string[] = []): string[] => [...before, value];

/** `--name VALUE` that may come several times, with commas inside too. */
export const listOption = (flags: string, description: string): Option => new Option(flags, description).argParser(collect);

/** As upstream names a flag in messages: `-w, --watch`. */
export const flagName = ({ short, long }: Option): string => [short, long].filter((name) => name !== undefined).join(', ');

function parsedOption<T>(flags: string, description: string, parse: (value: string) => T | Error): Option {
  const option = new Option(flags, description);
  return option.argParser((value) => {
    const parsed = parse(value);
    if (parsed instanceof Error) throw new FlagError(value, flagName(option), parsed.message);
    return parsed;
  });
}

/** `--name NUMBER`, a whole one. */
export function numberOption(flags: string, description: string): Option {
  return parsedOption(flags, description, (value) => {
    const number = /^[-+]?\d+$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isSafeInteger(number)) return number;
    return new Error(`strconv.ParseInt: parsing ${JSON.stringify(value)}: ${Number.isNaN(number) ? 'invalid syntax' : 'value out of range'}`);
  });
}

const DURATION = /^[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/;

/** `--name DURATION`, which stays text until it is used: see `parseDuration`. */
export function durationOption(flags: string, description: string): Option {
  return parsedOption(flags, description, (value) => {
    if (DURATION.test(value)) return value;
    return new Error(`time: ${/^[-+]?[\d.]+$/.test(value) ? 'missing unit in' : 'invalid'} duration ${JSON.stringify(value)}`);
  });
}

function refuseKustomize(folder: string): never {
  throw new CommandError(`kustomize is not built in: build the folder with a kustomize of its own and hand it over: kustomize build ${folder} | kubectl … -f -`);
}

/** `FileOptions` */
export function fileFlags(command: Command): void {
  command
    .addOption(listOption('-f, --filename <path>', 'file, folder, URL, or - for standard input'))
    .option('-R, --recursive', 'also the folders inside a folder')
    .addOption(new Option('-k, --kustomize <folder>').hideHelp().argParser(refuseKustomize));
}

/** `ValidateOptions` */
export function validateFlag(command: Command): void {
  const description = 'unknown and duplicate fields: strict (or true), warn or ignore (or false); strict if not said';
  command.addOption(new Option('--validate [mode]', description).preset('strict'));
}

/** `allowMissingTemplateKeys`, true unless told. */
export const missingKeysOption = (): Option => new Option('--no-allow-missing-template-keys', 'a field that a template names and the object lacks is an error');

/** `ResultOptions` */
export function outputFlags(command: Command): void {
  command
    .option('-o, --output <format>', 'name, json, yaml or jsonpath[-as-json|-file]=…')
    .option('--template <template>', 'the template of -o jsonpath')
    .addOption(missingKeysOption())
    .option('--show-managed-fields', 'keep managedFields in JSON and YAML');
}

export function dryRunFlag(command: Command): void {
  const description = 'none; client: only print what would be sent; server: send it, to be checked and not stored';
  command.addOption(new Option('--dry-run [mode]', description).preset('unchanged'));
}

/** `WriteOptions` but for `--validate` */
export function writeFlags(command: Command): void {
  outputFlags(command);
  dryRunFlag(command);
  command.option('--field-manager <name>', 'who owns the fields that are written');
}

/** `SelectionOptions` but for files */
export function selectionFlags(command: Command): void {
  command
    .option('-l, --selector <selector>', 'label selector')
    .option('--field-selector <selector>', 'field selector')
    .option('--all', 'all objects of the types in the namespace')
    .option('-A, --all-namespaces', 'across all namespaces');
}

/** The flags of every command: `GlobalOptions`. */
export function globalFlags(program: Command): Command {
  return program
    .option('--kubeconfig <path>', 'the kubeconfig file')
    .option('--context <name>', 'the context of the kubeconfig')
    .option('--cluster <name>', 'the cluster of the kubeconfig, in place of the context\'s')
    .option('--user <name>', 'the user of the kubeconfig, in place of the context\'s')
    .option('-n, --namespace <name>', 'the namespace')
    .option('-s, --server <url>', 'the address of the apiserver')
    .option('--certificate-authority <path>', "the certificate of the server's authority")
    .option('--insecure-skip-tls-verify', "do not verify the server's certificate")
    .option('--tls-server-name <name>', "the name in the server's certificate, if it is not the host's")
    .option('--client-certificate <path>', 'a certificate to authenticate with')
    .option('--client-key <path>', 'its private key')
    .option('--token <token>', 'a bearer token to authenticate with')
    .option('--as <user>', 'the user to act as')
    .option('--as-uid <uid>', 'the uid to act with')
    .option('--as-group <group>', 'a group to act in; may come several times', collectEach)
    .option('--as-user-extra <key=value>', 'more of the user to act as; may come several times', collectEach)
    .option('--request-timeout <duration>', 'how long one request may take, a watch and a followed log too; 0 = for ever')
    .option('--cache-dir <path>', 'where what servers say of their resources is kept; ~/.kube/cache if not said')
    .option('--warnings-as-errors', 'exit with 1 when the server warns of something')
    .addOption(numberOption('-v, --v <level>', 'from 6 up, requests are shown'));
}

/** Loads the commands that the words name, and no other. `globals` has the flags of every command. */
export function loadLine(words: readonly string[], verbs: VerbTable, globals: Command): Promise<LoadedLine<Verb, Command>> {
  return loadVerbs(words, verbs, { globals, of: flagsOf });
}

function flagsOf(name: string, { flags }: Verb): Command {
  const command = new Command(name);
  flags?.(command);
  return command;
}
