import type { Verb } from '../verb.ts';

export const verb: Verb = {
  verbs: {
    'can-i': { summary: 'Check whether an action is allowed', load: async () => (await import('./auth/can-i.ts')).verb },
    whoami: { summary: 'Print who the server takes you for', load: async () => (await import('./auth/whoami.ts')).verb },
  },
};
