import type { VerbEntry as Entry, VerbTable as Table } from '@podling/shared/command-line';
import type { Command } from 'commander';
import type { Factory } from './factory.ts';

/**
 * One command, as its file in `cmd/` exports it: `export const verb: Verb<GetOptions> = { … }`. `Options` is what
 * `flags` declares, as commander names it; global flags are in `factory.options`.
 */
export interface Verb<Options = never> {
  /** What follows the name in `--help`. Default `[flags]`. */
  usage?: string;
  /** Declares the flags; sets that several commands share are in flags.ts. */
  flags?: (command: Command) => void;
  /**
   * Answers the exit status; a thrown error is reported and is status 1, or its own `exitCode` (see `CommandError`).
   * `atDash` is how many of `words` stood before `--`; undefined when there was none. Left out by a command that
   * only holds others.
   */
  run?: (factory: Factory, words: string[], options: Options, atDash: number | undefined) => Promise<number>;
  /** Commands below this one: `create namespace`. */
  verbs?: VerbTable;
}

export type VerbEntry = Entry<Verb>;
export type VerbTable = Table<Verb>;
