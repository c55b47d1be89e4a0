import { orderFields } from '@podling/cri/v1';
import { doing } from '../report.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  run: async (session) => {
    const answer = await doing('getting runtime configuration', async () => (await session.cri()).runtime('RuntimeConfig', {}));
    session.out(`${JSON.stringify(orderFields('RuntimeConfigResponse', answer), null, 2)}\n`);
  },
};
