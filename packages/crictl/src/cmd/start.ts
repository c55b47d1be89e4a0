import { CommandError, doing } from '../report.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'CONTAINER-ID [CONTAINER-ID...]',
  run: async (session, words) => {
    if (words.length === 0) throw new CommandError('ID cannot be empty');
    const cri = await session.cri();
    for (const containerId of words) {
      await doing(`starting the container ${JSON.stringify(containerId)}`, () => cri.runtime('StartContainer', { containerId }));
      session.out(`${containerId}\n`);
    }
  },
};
