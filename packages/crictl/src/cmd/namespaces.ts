import { parsePairs } from '../listing/filters.ts';
import { table } from '../output/table.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  flags: (command) => void command.option('-q, --quiet', 'only names'),
  run: (session, _words, options: { quiet?: boolean }) => doing('listing namespaces', () => list(session, options)),
  verbs: {
    create: { summary: 'Make a namespace', load: async () => ({ usage: 'NAME [KEY=VALUE...]', run: (session, words) => doing('creating namespace', () => create(session, words)) }) },
    rm: { summary: 'Remove namespaces that hold nothing', load: async () => ({ usage: 'NAME...', run: (session, words) => doing('removing namespace', () => remove(session, words)) }) },
  },
};

async function list(session: Session, { quiet = false }: { quiet?: boolean }): Promise<void> {
  const namespaces = await (await session.tools()).namespaces();
  if (quiet) return session.out(namespaces.map(({ name }) => `${name}\n`).join(''));
  session.out(table([['NAME', 'LABELS'], ...namespaces.map(({ name, labels }) => [name, Object.keys(labels).toSorted().map((key) => `${key}=${labels[key]}`).join(',')])]));
}

async function create(session: Session, words: string[]): Promise<void> {
  const [name, ...pairs] = words;
  if (name === undefined) throw new CommandError('a name is wanted');
  await (await session.tools()).createNamespace(name, parsePairs(pairs));
  session.out(`${name}\n`);
}

async function remove(session: Session, words: string[]): Promise<void> {
  if (words.length === 0) throw new CommandError('a name is wanted');
  const tools = await session.tools();
  for (const name of words) {
    await tools.removeNamespace(name);
    session.out(`${name}\n`);
  }
}
