import { sanitizeCell } from '@podling/shared/sanitize';
import type { EntryList } from '../../kubeconfig/kubeconfig-files.ts';
import type { Verb } from '../../verb.ts';
import { exactly, openFiles } from './command.ts';

function namesVerb(list: EntryList): Verb {
  return {
    run: async (factory, words) => {
      exactly(0, words, `get-${list}`);
      const entries = (await openFiles(factory)).merged()[list];
      factory.io.out(['NAME', ...entries.map(({ name }) => sanitizeCell(name))].map((line) => `${line}\n`).join(''));
      return 0;
    },
  };
}

export const clusters = namesVerb('clusters');
export const users = namesVerb('users');
