import type { CriConnection } from '@podling/cri/v1';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'POD-ID [POD-ID...]',
  run: async (session, words) => {
    if (words.length === 0) throw new CommandError('ID cannot be empty');
    const cri = await session.cri();
    for (const id of words) await stopPod(session, cri, id);
  },
};

export async function stopPod(session: Session, cri: CriConnection, podSandboxId: string): Promise<void> {
  await doing(`stopping the pod sandbox ${JSON.stringify(podSandboxId)}`, () => cri.runtime('StopPodSandbox', { podSandboxId }));
  session.out(`Stopped sandbox ${podSandboxId}\n`);
}
