import type { CriConnection } from '@podling/cri/v1';
import { all as allOf, CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';
import { stopPod } from './stopp.ts';

interface Options {
  all?: boolean;
  force?: boolean;
}

export const verb: Verb = {
  usage: 'POD-ID [POD-ID...]',
  flags: (command) => {
    command.option('-a, --all', 'all pods').option('-f, --force', 'also one that runs');
  },
  run: async (session, words, { all = false, force = false }: Options) => {
    const cri = await session.cri();
    const ids = all ? (await cri.runtime('ListPodSandbox', { filter: null })).items.map(({ id }) => id) : words;
    if (ids.length === 0 && all) return session.say('info', 'No pods to remove');
    if (ids.length === 0) throw new CommandError('ID cannot be empty');
    await allOf(ids.map((id) => () => remove(session, cri, id, force)));
  },
};

async function remove(session: Session, cri: CriConnection, podSandboxId: string, force: boolean): Promise<void> {
  const { status } = await doing(`getting sandbox status of pod ${JSON.stringify(podSandboxId)}`, () => cri.runtime('PodSandboxStatus', { podSandboxId, verbose: false }));
  if (status?.state === 'SANDBOX_READY') {
    if (!force) throw new CommandError(`pod sandbox ${JSON.stringify(podSandboxId)} is running, please stop it first`);
    await stopPod(session, cri, podSandboxId);
  }
  await doing(`removing the pod sandbox ${JSON.stringify(podSandboxId)}`, () => cri.runtime('RemovePodSandbox', { podSandboxId }));
  session.out(`Removed sandbox ${podSandboxId}\n`);
}
