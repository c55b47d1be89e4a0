import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'TYPE [NAME | -l label] [flags]',
  verbs: {
    node: { summary: 'Display resource (CPU/memory) usage of nodes', aliases: ['nodes', 'no'], load: async () => (await import('./top/node.ts')).verb },
    pod: { summary: 'Display resource (CPU/memory) usage of pods', aliases: ['pods', 'po'], load: async () => (await import('./top/pod.ts')).verb },
  },
};
