import { doing } from '../report.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  run: async (session) => {
    const { linux } = await doing('get runtime config: call RuntimeConfig RPC', async () => (await session.cri()).runtime('RuntimeConfig', {}));
    if (linux !== null) session.out(`cgroup driver:   ${linux.cgroupDriver}\n`);
  },
};
