import { table } from '../output/table.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  verbs: {
    ps: {
      summary: 'List the processes of a container',
      load: async () => ({ usage: 'CONTAINER-ID', run: (session, words) => doing('listing processes', () => ps(session, words)) }),
    },
  },
};

async function ps(session: Session, words: string[]): Promise<void> {
  const [id, ...more] = words;
  if (id === undefined || more.length > 0) throw new CommandError('one CONTAINER-ID is wanted');
  const processes = await (await session.tools()).processes(await session.containerId(id));
  session.out(table([['PID', 'COMMAND'], ...processes.map(({ pid, command }) => [String(pid), command])]));
}
