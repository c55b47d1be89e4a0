import type { VerbTable } from './verb.ts';

/** The commands in the order of `kubectl --help`: one line each. Its flags and its work are in the file it names. */
export const verbs: VerbTable = {
  get: { summary: 'Display one or many resources', load: async () => (await import('./cmd/get.ts')).verb },
  describe: { summary: 'Show details of objects with their events', load: async () => (await import('./cmd/describe.ts')).verb },
  logs: { summary: 'Print the logs of a container in a pod', load: async () => (await import('./cmd/logs.ts')).verb },
  attach: { summary: 'Attach to a running container', load: async () => (await import('./cmd/attach.ts')).verb },
  exec: { summary: 'Execute a command in a container', load: async () => (await import('./cmd/exec.ts')).verb },
  apply: { summary: 'Create or change objects to match files', load: async () => (await import('./cmd/apply.ts')).verb },
  create: { summary: 'Create objects from files or flags', load: async () => (await import('./cmd/create.ts')).verb },
  delete: { summary: 'Delete objects by name, label or file', load: async () => (await import('./cmd/delete.ts')).verb },
  top: { summary: 'Display resource (CPU/memory) usage', load: async () => (await import('./cmd/top.ts')).verb },
  'api-resources': { summary: 'Print the resources the server has', load: async () => (await import('./cmd/api-resources.ts')).verb },
  version: { summary: 'Print the client and server version', load: async () => (await import('./cmd/version.ts')).verb },
};
