import { CommandError } from '../../errors.ts';
import { ENTRY_KEYS } from '../../kubeconfig/kubeconfig-files.ts';
import type { EntryList } from '../../kubeconfig/kubeconfig-files.ts';
import type { Verb } from '../../verb.ts';
import { exactly, openFiles } from './command.ts';

function deleteVerb(list: EntryList): Verb {
  const noun = ENTRY_KEYS[list];
  return {
    usage: 'NAME [flags]',
    run: async (factory, words) => {
      const [name = ''] = exactly(1, words, `delete-${noun} NAME`);
      const files = await openFiles(factory);
      const current = files.currentContext;
      if (!files.delete(list, name)) throw new CommandError(`cannot delete ${noun} ${name}, not in ${files.path}`);
      await files.save();
      if (list === 'contexts' && current === name) {
        factory.io.err('warning: this removed your active context, use "kubectl config use-context" to select a different one\n');
      }
      factory.io.out(`deleted ${noun} ${name} from ${files.path}\n`);
      return 0;
    },
  };
}

export const cluster = deleteVerb('clusters');
export const context = deleteVerb('contexts');
export const user = deleteVerb('users');
