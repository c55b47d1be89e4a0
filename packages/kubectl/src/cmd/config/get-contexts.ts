import { sanitizeCell } from '@podling/shared/sanitize';
import { CommandError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { Failures } from '../../failures.ts';
import type { Entry } from '../../kubeconfig/kubeconfig-files.ts';
import { ColumnPrinter } from '../../printers/columns.ts';
import type { Verb } from '../../verb.ts';
import { openFiles } from './command.ts';

interface GetContextsOptions {
  output?: string;
  headers: boolean;
}

const HEADER = ['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE'];

function rowOf({ name, fields }: Entry, current: string): string[] {
  const field = (key: string): string => (typeof fields[key] === 'string' ? fields[key] : '');
  return [name === current ? '*' : '', name, field('cluster'), field('user'), field('namespace')].map(sanitizeCell);
}

async function getContexts(factory: Factory, words: string[], { output = '', headers }: GetContextsOptions): Promise<number> {
  if (output !== '' && output !== 'name') throw new CommandError(`--output ${output} is not available in kubectl config get-contexts; only name is`);
  const { contexts, currentContext } = (await openFiles(factory)).merged();
  const failures = new Failures(factory);
  for (const word of words) if (!contexts.some(({ name }) => name === word)) await failures.add(new CommandError(`context ${word} not found`));
  const shown = words.length === 0 ? contexts : contexts.filter(({ name }) => words.includes(name));
  if (output === 'name') factory.io.out(shown.map(({ name }) => `${sanitizeCell(name)}\n`).join(''));
  else factory.io.out(new ColumnPrinter().print([...(headers ? [HEADER] : []), ...shown.map((entry) => rowOf(entry, currentContext))]));
  return failures.exitCode;
}

export const verb: Verb<GetContextsOptions> = {
  usage: '[NAME...] [flags]',
  flags: (command) => {
    command.option('-o, --output <format>', 'name').option('--no-headers', 'do not print headers');
  },
  run: getContexts,
};
