import { rmSync } from 'node:fs';
import { logFilePaths } from '@podling/cri';
import type { CriConnection } from '@podling/cri/v1';
import { all as allOf, CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';
import { stopContainer } from './stop.ts';

interface Options {
  all?: boolean;
  force?: boolean;
  keepLogs?: boolean;
}

export const verb: Verb = {
  usage: 'CONTAINER-ID [CONTAINER-ID...]',
  flags: (command) => {
    command
      .option('-a, --all', 'all containers')
      .option('-f, --force', 'also one that runs')
      .option('-k, --keep-logs', 'leave the log and its rotated files');
  },
  run: async (session, words, options: Options) => {
    const cri = await session.cri();
    const ids = options.all === true ? (await cri.runtime('ListContainers', { filter: null })).containers.map(({ id }) => id) : words;
    if (ids.length === 0 && options.all === true) return session.say('info', 'No containers to remove');
    if (ids.length === 0) throw new CommandError('ID cannot be empty');
    await allOf(ids.map((id) => () => remove(session, cri, id, options)));
  },
};

async function remove(session: Session, cri: CriConnection, containerId: string, { force = false, keepLogs = false }: Options): Promise<void> {
  const { status } = await doing(`getting container status ${JSON.stringify(containerId)}`, () => cri.runtime('ContainerStatus', { containerId, verbose: false }));
  if (status?.state === 'CONTAINER_RUNNING') {
    if (!force) throw new CommandError(`container ${JSON.stringify(containerId)} is running, please stop it first`);
    await stopContainer(session, cri, containerId, 0);
  }
  await doing(`removing container ${JSON.stringify(containerId)}`, () => cri.runtime('RemoveContainer', { containerId }));
  session.out(`${containerId}\n`);
  const { logPath = '' } = status ?? {};
  if (!keepLogs && logPath !== '') for (const path of [...logFilePaths(logPath), logPath]) rmSync(path, { force: true });
}
