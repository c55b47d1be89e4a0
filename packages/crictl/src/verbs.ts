import type { VerbTable } from './verb.ts';

/** Every command; only the one that was typed is loaded. */
export const verbs: VerbTable = {
  version: { summary: 'Display runtime version information', load: async () => (await import('./cmd/version.ts')).verb },
};
