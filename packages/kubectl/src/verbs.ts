import type { VerbTable } from './verb.ts';

/** The commands in the order of `kubectl --help`: one line each. Its flags and its work are in the file it names. */
export const verbs: VerbTable = {
  get: { summary: 'Display one or many resources', load: async () => (await import('./cmd/get.ts')).verb },
  describe: { summary: 'Show details of objects with their events', load: async () => (await import('./cmd/describe.ts')).verb },
  logs: { summary: 'Print the logs of a container in a pod', load: async () => (await import('./cmd/logs.ts')).verb },
  attach: { summary: 'Attach to a running container', load: async () => (await import('./cmd/attach.ts')).verb },
  exec: { summary: 'Execute a command in a container', load: async () => (await import('./cmd/exec.ts')).verb },
  'port-forward': { summary: 'Forward one or more local ports to a pod', load: async () => (await import('./cmd/port-forward.ts')).verb },
  cp: { summary: 'Copy files and directories to and from containers', load: async () => (await import('./cmd/cp.ts')).verb },
  apply: { summary: 'Create or change objects to match files', load: async () => (await import('./cmd/apply.ts')).verb },
  create: { summary: 'Create objects from files or flags', load: async () => (await import('./cmd/create.ts')).verb },
  edit: { summary: 'Edit objects of the server', load: async () => (await import('./cmd/edit.ts')).verb },
  patch: { summary: 'Change fields of an object', load: async () => (await import('./cmd/patch.ts')).verb },
  replace: { summary: 'Put objects of files in the place of those that are there', load: async () => (await import('./cmd/replace.ts')).verb },
  label: { summary: 'Set and remove labels of objects', load: async () => (await import('./cmd/label.ts')).verb },
  annotate: { summary: 'Set and remove annotations of objects', load: async () => (await import('./cmd/annotate.ts')).verb },
  delete: { summary: 'Delete objects by name, label or file', load: async () => (await import('./cmd/delete.ts')).verb },
  top: { summary: 'Display resource (CPU/memory) usage', load: async () => (await import('./cmd/top.ts')).verb },
  cordon: { summary: 'Let no new pods come to a node', load: async () => (await import('./cmd/cordon.ts')).verb },
  uncordon: { summary: 'Let new pods come to a node again', load: async () => (await import('./cmd/cordon.ts')).uncordon },
  drain: { summary: 'Empty a node before it is worked on', load: async () => (await import('./cmd/drain.ts')).verb },
  taint: { summary: 'Set and remove taints of nodes', load: async () => (await import('./cmd/taint.ts')).verb },
  auth: { summary: 'Ask what you may do, and who you are', load: async () => (await import('./cmd/auth.ts')).verb },
  'cluster-info': { summary: 'Print where the cluster is served', load: async () => (await import('./cmd/cluster-info.ts')).verb },
  'api-resources': { summary: 'Print the resources the server has', load: async () => (await import('./cmd/api-resources.ts')).verb },
  version: { summary: 'Print the client and server version', load: async () => (await import('./cmd/version.ts')).verb },
};
