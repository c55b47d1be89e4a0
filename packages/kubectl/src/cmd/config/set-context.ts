import { CommandError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import type { KubeconfigFiles } from '../../kubeconfig/kubeconfig-files.ts';
import type { Verb } from '../../verb.ts';
import { openFiles } from './command.ts';

interface SetContextOptions {
  current?: boolean;
}

function nameOf(files: KubeconfigFiles, words: readonly string[], current: boolean): string {
  const [name, ...rest] = words;
  if (rest.length > 0) throw new CommandError(`Unexpected args: [${words.join(' ')}]`);
  if (current && name !== undefined) throw new CommandError('you cannot specify both a context name and --current');
  if (!current && (name === undefined || name === '')) throw new CommandError('you must specify a non-empty context name or --current');
  if (current && files.currentContext === '') throw new CommandError('no current context is set');
  return name ?? files.currentContext;
}

async function setContext(factory: Factory, words: string[], { current = false }: SetContextOptions): Promise<number> {
  const files = await openFiles(factory);
  const name = nameOf(files, words, current);
  const before = files.find('contexts', name);
  const { cluster, user, namespace } = factory.options;
  const given = { ...(cluster === undefined ? {} : { cluster }), ...(user === undefined ? {} : { user }), ...(namespace === undefined ? {} : { namespace }) };
  files.put('contexts', name, { cluster: '', user: '', ...before?.fields, ...given });
  await files.save();
  factory.io.out(`Context ${JSON.stringify(name)} ${before === undefined ? 'created' : 'modified'}.\n`);
  return 0;
}

export const verb: Verb<SetContextOptions> = {
  usage: '(NAME | --current) [--cluster=NAME] [--user=NAME] [--namespace=NAME]',
  flags: (command) => {
    command.option('--current', 'the current context');
  },
  run: setContext,
};
