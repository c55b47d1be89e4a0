import type { VerbEntry as Entry, VerbTable as Table } from '@podling/shared/command-line';
import { Command } from 'commander';
import type { Session } from './session.ts';

/** A command, loaded when it was typed. */
export interface Verb {
  /** Words behind the flags, as in its help. Undefined: it takes none. */
  usage?: string;
  description?: string;
  flags?: (command: Command) => void;
  /** Undefined for one that only has others below it. Resolves when it is done; what it throws is told. */
  run?: (session: Session, words: string[], options: never) => Promise<void>;
  /** Below it. */
  verbs?: VerbTable;
  /** Flags behind its first word are not its own. */
  passThrough?: boolean;
}

export type VerbEntry = Entry<Verb>;
export type VerbTable = Table<Verb>;

/** A command that only knows its flags. */
export function flagsOf(name: string, { flags }: Verb): Command {
  const command = new Command(name);
  flags?.(command);
  return command;
}
