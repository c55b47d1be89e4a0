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
