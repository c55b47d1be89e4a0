import { table } from '../output/table.ts';
import { doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  flags: (command) => void command.option('-d, --detailed', 'why one does not work'),
  run: (session, _words, options: { detailed?: boolean }) => doing('listing plugins', () => list(session, options)),
};

async function list(session: Session, { detailed = false }: { detailed?: boolean }): Promise<void> {
  const plugins = await (await session.tools()).plugins();
  const rows = plugins.map(({ type, id, platforms, error }) => [type, id, platforms.join(',') || '-', stateOf(error), ...(detailed ? [error ?? ''] : [])]);
  session.out(table([['TYPE', 'ID', 'PLATFORMS', 'STATUS', ...(detailed ? ['ERROR'] : [])], ...rows]));
}

/** One that its machine or its configuration has no use for has nothing wrong with it. */
function stateOf(error: string | undefined): string {
  if (error === undefined) return 'ok';
  return /skip plugin/.test(error) ? 'skip' : 'error';
}
