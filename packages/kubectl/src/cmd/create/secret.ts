import type { Verb } from '../../verb.ts';

export const verb: Verb = {
  usage: '(docker-registry | generic | tls) NAME [flags]',
  verbs: {
    'docker-registry': { summary: 'Create a secret for a container registry', load: async () => (await import('./secret-docker-registry.ts')).verb },
    generic: { summary: 'Create a secret from files, folders or literal values', load: async () => (await import('./secret-generic.ts')).verb },
    tls: { summary: 'Create a secret from a certificate and its key', load: async () => (await import('./secret-tls.ts')).verb },
  },
};
