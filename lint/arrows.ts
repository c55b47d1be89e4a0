/**
 * The arrows of ARCHITECTURE.md as data. A layer may import the layers after it in its package's list, never one before it;
 * entries of one group may not import each other unless `siblings` says so. `import type` counts.
 */
export interface Fence {
  /** Module that only the named places may import. */
  module: string;
  allowedIn: string[];
  why: string;
}

export interface Layering {
  /** Folder that the places are relative to. */
  root: string;
  /** Outermost first. A place is a folder, or a file with its ending. */
  layers: string[][];
}

const parts = ['apiserver', 'scheduler', 'controller-manager', 'kubelet', 'kubectl'];

/** Packages that a package may not import at all: everything that is not below it. */
export const packageArrows: Record<string, string[]> = {
  'packages/shared': [...parts, 'cri', 'deploy', 'test', 'bench'],
  'packages/cri': [...parts, 'deploy', 'test', 'bench'],
  'packages/kubelet': [...parts.filter((p) => p !== 'kubelet'), 'deploy', 'test', 'bench'],
  ...Object.fromEntries(
    parts.filter((p) => p !== 'kubelet').map((part) => [
      `packages/${part}`,
      [...parts.filter((p) => p !== part), 'cri', 'deploy', 'test', 'bench'],
    ]),
  ),
};

export const layerings: Layering[] = [
  {
    root: 'packages/shared/src',
    layers: [['controller'], ['informer', 'workqueue', 'events'], ['client'], ['api'], ['util']],
  },
  {
    root: 'packages/apiserver/src',
    layers: [['main.ts'], ['server.ts'], ['endpoints', 'proxy'], ['admission', 'registry'], ['storage']],
  },
  {
    root: 'packages/scheduler/src',
    layers: [['main.ts'], ['scheduler.ts'], ['event-handlers.ts', 'schedule-one.ts'], ['queue', 'cache', 'framework']],
  },
  {
    root: 'packages/kubelet/src',
    layers: [
      ['main.ts'],
      ['kubelet.ts'],
      ['config', 'pod', 'sync-pod.ts', 'pleg', 'prober', 'node', 'server'],
      ['status', 'volumes', 'lifecycle', 'runtime'],
      ['images'],
    ],
  },
  { root: 'packages/kubectl/src', layers: [['main.ts'], ['cli.ts'], ['cmd'], ['resource', 'apply', 'printers']] },
];

export const fences: Fence[] = [
  { module: 'express', allowedIn: ['packages/apiserver/src/server.ts', 'packages/apiserver/src/endpoints', 'packages/kubelet/src/server'], why: 'express belongs to HTTP edges' },
  { module: 'etcd3', allowedIn: ['packages/apiserver/src/storage/etcd3'], why: 'only storage/etcd3 speaks to etcd' },
  { module: '@grpc/grpc-js', allowedIn: ['packages/apiserver/src/storage/etcd3', 'packages/cri/src/containerd'], why: 'gRPC belongs to the drivers' },
  { module: '@podling/cri/containerd', allowedIn: ['packages/kubelet/src/kubelet.ts', 'packages/kubelet/src/main.ts', 'test', 'bench'], why: 'only the composition root names a runtime' },
  { module: '@podling/cri/fake', allowedIn: ['packages/kubelet/src/kubelet.ts', 'packages/kubelet/src/kubelet.test.ts', 'packages/kubelet/src/main.ts', 'test', 'bench'], why: 'only the composition root names a runtime' },
];
