/**
 * The arrows of ARCHITECTURE.md as data. A layer may import its own group and the groups after it in its package's list,
 * never one before it. `import type` counts.
 */
export interface Fence {
  /** A package, or a folder as a path from the root of the repository, that only the named places may import. */
  module: string;
  allowedIn: string[];
  why: string;
}

/** Files that load quickly: at run time they import each other and nothing else of their folder; types they may take from all. */
export interface LightFiles {
  root: string;
  files: string[];
}

export interface Layering {
  /** Folder that the places are relative to. */
  root: string;
  /** Outermost first. A place is a folder, or a file with its ending. */
  layers: string[][];
}

const parts = ['apiserver', 'scheduler', 'controller-manager', 'kubelet', 'kubectl', 'crictl'];
/** What may look at the runtimes. */
const onCri = ['kubelet', 'crictl'];

/** Packages that a package may not import at all: everything that is not below it. */
export const packageArrows: Record<string, string[]> = {
  'packages/shared': [...parts, 'cri', 'deploy', 'test', 'bench'],
  'packages/cri': [...parts, 'deploy', 'test', 'bench'],
  ...Object.fromEntries(
    parts.map((part) => [`packages/${part}`, [...parts.filter((p) => p !== part), ...(onCri.includes(part) ? [] : ['cri']), 'deploy', 'test', 'bench']]),
  ),
};

export const layerings: Layering[] = [
  {
    root: 'packages/shared/src',
    layers: [['controller'], ['informer', 'workqueue', 'events'], ['client'], ['spdy', 'terminal', 'command-line'], ['api'], ['util']],
  },
  {
    root: 'packages/apiserver/src',
    layers: [
      ['main.ts'],
      ['command.ts', 'server.ts'],
      ['identity.ts', 'listener.ts', 'storage-provider.ts'],
      ['config.ts'],
      ['endpoints'],
      ['resource-metrics'],
      ['admission', 'registry', 'proxy'],
      ['authentication', 'authorization'],
      ['storage'],
    ],
  },
  {
    root: 'packages/scheduler/src',
    layers: [['main.ts'], ['scheduler.ts'], ['event-handlers.ts', 'schedule-one.ts'], ['queue', 'cache', 'framework']],
  },
  { root: 'packages/cri/src', layers: [['server', 'containerd-tools'], ['containerd', 'remote', 'fake'], ['streaming'], ['v1'], ['cri.ts'], ['types']] },
  { root: 'packages/crictl/src', layers: [['main.ts'], ['cli.ts'], ['verbs.ts'], ['cmd'], ['listing', 'streams.ts', 'session.ts'], ['connect.ts'], ['files', 'output', 'settings.ts'], ['config-file.ts'], ['report.ts', 'io.ts', 'tls-files.ts']] },
  {
    root: 'packages/kubelet/src',
    layers: [
      ['main.ts'],
      ['kubelet.ts'],
      ['compose'],
      ['config', 'pod', 'eviction', 'sync-pod.ts', 'housekeeping.ts', 'pleg', 'prober', 'node', 'server'],
      ['status', 'volumes', 'lifecycle', 'runtime', 'stats', 'cm'],
      ['images', 'objects', 'logs', 'back-off', 'pod-events.ts', 'exec.ts'],
    ],
  },
  { root: 'packages/kubectl/src', layers: [['main.ts'], ['cli.ts'], ['verbs.ts'], ['cmd'], ['apply', 'session', 'copy', 'generate'], ['printers'], ['resource', 'json-path']] },
];

export const lightFiles: LightFiles[] = [
  {
    root: 'packages/shared/src/api',
    files: [
      'index.ts', 'errors.ts', 'host-ports.ts', 'meta.ts', 'names.ts', 'node-selector.ts', 'pod-resources.ts', 'pod-source.ts', 'qos-class.ts', 'quantity.ts', 'status.ts', 'tolerates.ts',
      'selectors.ts', 'field-selector.ts', 'label-selector.ts', 'selector-error.ts', 'object-selector.ts', 'pod-conditions.ts', 'disruption-allowed.ts', 'int-or-percent.ts', 'time.ts',
    ],
  },
];

const storageProvider = 'packages/apiserver/src/storage-provider.ts';
const cacherTests = ['packages/apiserver/src/storage/cacher/cacher.test.ts', 'packages/apiserver/src/storage/cacher/cacher.integration.test.ts', 'packages/apiserver/src/storage/testing/index.ts'];
const onlyProvider = 'only the storage provider names a store';
const createRuntime = 'packages/kubelet/src/compose/create-runtime.ts';
const crictlConnect = 'packages/crictl/src/connect.ts';
const onlyCreateRuntime = 'only the composition names a runtime';

export const fences: Fence[] = [
  { module: 'express', allowedIn: ['packages/apiserver/src/endpoints', 'packages/kubelet/src/server'], why: 'express belongs to HTTP edges' },
  {
    module: 'ws',
    allowedIn: ['packages/apiserver/src/endpoints', 'packages/apiserver/src/testing', 'packages/apiserver/src/api-tests', 'packages/shared/src/client', 'packages/cri/src/streaming'],
    why: 'ws belongs to the ends of a watch and of a stream',
  },
  { module: 'execa', allowedIn: ['packages/kubelet/src/exec.ts'], why: 'programs are run by one file per package' },
  { module: 'typebox', allowedIn: ['packages/shared/src/api'], why: 'schemas are written in shared/api' },
  { module: 'smol-toml', allowedIn: ['packages/cri/src/containerd-config'], why: 'one folder reads and writes TOML' },
  { module: 'packages/apiserver/src/storage/etcd3', allowedIn: [storageProvider, ...cacherTests], why: onlyProvider },
  { module: 'packages/apiserver/src/storage/memory', allowedIn: [storageProvider, 'packages/apiserver/src/storage/testing', ...cacherTests], why: onlyProvider },
  { module: 'packages/apiserver/src/storage/cacher', allowedIn: [storageProvider, 'packages/apiserver/src/storage/etcd3/etcd3-tls.integration.test.ts'], why: onlyProvider },
  { module: 'etcd3', allowedIn: ['packages/apiserver/src/storage/etcd3'], why: 'only storage/etcd3 speaks to etcd' },
  { module: '@grpc/grpc-js', allowedIn: ['packages/apiserver/src/storage/etcd3', 'packages/cri/src/containerd', 'packages/cri/src/containerd-tools', 'packages/cri/src/v1', 'packages/cri/src/remote', 'packages/cri/src/server', 'packages/cri/src/grpc-codes.ts', 'packages/kubelet/src/prober'], why: 'gRPC belongs to the drivers and to gRPC probes' },
  { module: '@podling/cri/containerd', allowedIn: [createRuntime, crictlConnect, 'test', 'bench'], why: onlyCreateRuntime },
  { module: '@podling/cri/remote', allowedIn: [createRuntime, crictlConnect, 'packages/crictl/src/tls-files.ts', 'test', 'bench'], why: onlyCreateRuntime },
  { module: '@podling/cri/fake', allowedIn: [createRuntime, 'packages/crictl/src/testing', 'packages/kubelet/src/testing', 'test', 'bench'], why: onlyCreateRuntime },
];
