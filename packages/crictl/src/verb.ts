import type { Command } from 'commander';
import type { Session } from './session.ts';

/** A command, loaded when it was typed. */
export interface Verb {
  /** Words behind the flags, as in its help. */
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

export interface VerbEntry {
  summary: string;
  aliases?: string[];
  load: () => Promise<Verb>;
}

export type VerbTable = Record<string, VerbEntry>;

export function findVerb(table: VerbTable, word: string): [string, VerbEntry] | undefined {
  return Object.entries(table).find(([name, { aliases = [] }]) => name === word || aliases.includes(word));
}
