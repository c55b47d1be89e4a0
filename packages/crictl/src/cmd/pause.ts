import { CommandError, doing } from '../report.ts';
import type { Verb } from '../verb.ts';

function onTasks(what: 'pause' | 'resume'): Verb {
  return {
    usage: 'CONTAINER-ID [CONTAINER-ID...]',
    run: async (session, words) => {
      if (words.length === 0) throw new CommandError('ID cannot be empty');
      for (const word of words) {
        await doing(`${what} container ${JSON.stringify(word)}`, async () => (await session.tools())[what](await session.containerId(word)));
        session.out(`${word}\n`);
      }
    },
  };
}

/** The processes of a container stand still, until they are resumed. */
export const pause = onTasks('pause');
export const resume = onTasks('resume');
