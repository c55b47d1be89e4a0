import type { CriConnection } from '@podling/cri/v1';
import { listContainers } from '../listing/containers.ts';
import { wholeNumber } from '../listing/filters.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

/** What a runtime may take beyond the time that the container is given. */
const MARGIN_MS = 60_000;

export const verb: Verb = {
  usage: 'CONTAINER-ID [CONTAINER-ID...]',
  flags: (command) => {
    command.option('-a, --all', 'all that run').option('-t, --timeout <seconds>', 'how long a container may take to end before it is killed', '0');
  },
  run: async (session, words, { all = false, timeout }: { all?: boolean; timeout: string }) => {
    if (all && words.length > 0) throw new CommandError('cannot specify CONTAINER-ID(s) when using --all');
    if (!all && words.length === 0) throw new CommandError('you must specify at least one CONTAINER-ID or use --all');
    const seconds = wholeNumber(timeout, 'timeout');
    const cri = await session.cri();
    const ids = all ? (await doing('listing containers', () => listContainers(cri, {}))).map(({ id }) => id) : words;
    if (ids.length === 0) session.out('No running containers found.\n');
    for (const id of ids) await stopContainer(session, cri, id, seconds);
  },
};

export async function stopContainer(session: Session, cri: CriConnection, containerId: string, seconds: number): Promise<void> {
  const limits = { deadlineMs: seconds * 1000 + MARGIN_MS };
  await doing(`stopping the container ${JSON.stringify(containerId)}`, () => cri.runtime('StopContainer', { containerId, timeout: String(seconds) }, limits));
  session.out(`${containerId}\n`);
}
