import { loadVerbs } from '@podling/shared/command-line';
import { complete, completionScripts } from '@podling/shared/completion';
import type { Candidate } from '@podling/shared/completion';
import { Command } from 'commander';
import { containerStates } from '../listing/containers.ts';
import { sandboxStates } from '../listing/sandboxes.ts';
import { addGlobalFlags } from '../settings.ts';
import { flagsOf } from '../verb.ts';
import type { Verb, VerbTable } from '../verb.ts';
import { progressModes } from './pull-progress.ts';

const plain = (values: readonly string[]): Candidate[] => values.map((value) => ({ value }));

/** What may come in place of the last word; asked by the shells. */
export function completeVerb(verbs: VerbTable): Verb {
  return {
    usage: '-- WORD... CURRENT',
    run: async (session, words) => {
      const line = await loadVerbs(words.slice(0, -1), verbs, { globals: addGlobalFlags(new Command()), of: flagsOf });
      const [command] = line.typed.map(({ name }) => name);
      session.out(await complete(line, words.at(-1) ?? '', {
        words: () => (command === 'completion' ? Promise.resolve(plain(Object.keys(completionScripts))) : undefined),
        values: async (flag) => plain(valuesOf(flag, command)),
      }));
    },
  };
}

function valuesOf(flag: string, command: string | undefined): readonly string[] {
  switch (flag) {
    case '--output':
      return ['json', 'yaml', command === 'events' ? 'line' : 'table'];
    case '--progress':
      return progressModes;
    case '--state':
      return command === 'pods' || command === 'inspectp' ? sandboxStates : containerStates;
    case '--stream':
      return ['stdout', 'stderr'];
    default:
      return [];
  }
}
