import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'COMMAND [flags]',
  verbs: {
    view: { summary: 'Show the kubeconfig', load: async () => (await import('./config/view.ts')).verb },
    'get-contexts': { summary: 'List contexts', load: async () => (await import('./config/get-contexts.ts')).verb },
    'get-clusters': { summary: 'List clusters', load: async () => (await import('./config/get-names.ts')).clusters },
    'get-users': { summary: 'List users', load: async () => (await import('./config/get-names.ts')).users },
    'current-context': { summary: 'Print the current context', load: async () => (await import('./config/contexts.ts')).currentContext },
    'use-context': { summary: 'Make a context the current one', aliases: ['use'], load: async () => (await import('./config/contexts.ts')).useContext },
    'rename-context': { summary: 'Rename a context', load: async () => (await import('./config/contexts.ts')).renameContext },
    'set-context': { summary: 'Create or change a context', load: async () => (await import('./config/set-context.ts')).verb },
    'set-cluster': { summary: 'Create or change a cluster', load: async () => (await import('./config/set-cluster.ts')).verb },
    'set-credentials': { summary: 'Create or change a user', load: async () => (await import('./config/set-credentials.ts')).verb },
    'delete-context': { summary: 'Delete a context', load: async () => (await import('./config/delete-entry.ts')).context },
    'delete-cluster': { summary: 'Delete a cluster', load: async () => (await import('./config/delete-entry.ts')).cluster },
    'delete-user': { summary: 'Delete a user', load: async () => (await import('./config/delete-entry.ts')).user },
    set: { summary: 'Set one value', load: async () => (await import('./config/properties.ts')).set },
    unset: { summary: 'Remove one value or entry', load: async () => (await import('./config/properties.ts')).unset },
  },
};
