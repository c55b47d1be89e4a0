import { Option } from 'commander';
import type { Command } from 'commander';

/** For a flag that may come several times and with several values at once: `-f a -f b,c`. */
export const collect = (value: string, before: string[] = []): string[] => [...before, ...value.split(',')];

/** For a flag that may come several times, each time with one value that may hold commas. */
export const collectEach = (value: string, before: string[] = []): string[] => [...before, value];

/** `--name VALUE` that may come several times, with commas inside too. */
export const listOption = (flags: string, description: string): Option => new Option(flags, description).argParser(collect);

/** `FileOptions` */
export function fileFlags(command: Command): void {
  command.addOption(listOption('-f, --filename <path>', 'file, folder, or - for standard input')).option('-R, --recursive', 'also the folders inside a folder');
}

/** `ValidateOptions` */
export function validateFlag(command: Command): void {
  const description = 'unknown and duplicate fields: strict (or true), warn or ignore (or false); strict if not said';
  command.addOption(new Option('--validate [mode]', description).preset('strict'));
}

/** `ResultOptions` */
export function outputFlags(command: Command): void {
  command
    .option('-o, --output <format>', 'name, json, yaml or jsonpath[-as-json|-file]=…')
    .option('--template <template>', 'the template of -o jsonpath')
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
