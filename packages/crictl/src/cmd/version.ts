import { doing } from '../report.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  run: async (session) => {
    const answer = await doing('getting the runtime version', async () => (await session.cri()).runtime('Version', { version: 'v1' }, { deadlineMs: session.settings.timeoutMs }));
    session.out(`Version:  ${answer.version}\nRuntimeName:  ${answer.runtimeName}\nRuntimeVersion:  ${answer.runtimeVersion}\nRuntimeApiVersion:  ${answer.runtimeApiVersion}\n`);
  },
};
