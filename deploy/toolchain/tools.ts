import { basename } from 'node:path';
import type { ModuleSource, PackageSource, Tool } from './tool.ts';

const distribution = (name: string, file: string): PackageSource => ({ kind: 'package', package: name, file });
const built = (module: string, path: string, version: string, options: Partial<ModuleSource> = {}): ModuleSource => ({
  kind: 'module',
  module,
  package: path,
  version,
  cgo: false,
  ...options,
});

const cniFolders = ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni'];

/** containerd 2 removed what nerdctl 1.7 relies on, so its tools stay below it. */
const containerd = { minimum: '1.6.0', below: '2.0.0' };

const containerdPattern = /(?:containerd(?:\.io)?|Version:)\s+v?(\d+\.\d+\.\d+)/;
const builtContainerd = (name: string): ModuleSource =>
  built('containerd', `github.com/containerd/containerd/cmd/${name}`, '1.7.35', {
    tags: ['no_btrfs', 'no_devmapper', 'no_zfs'],
    versionVariable: 'github.com/containerd/containerd/version.Version',
  });

const containerdTools: Tool[] = [
  { name: 'containerd', args: ['--version'] },
  { name: 'containerd-shim-runc-v2', args: ['-v'] },
  { name: 'ctr', args: ['--version'] },
].map(({ name, args }) => ({
  name,
  path: `bin/${name}`,
  lookIn: [],
  ...containerd,
  probe: { args, pattern: containerdPattern },
  sources: [distribution('containerd', `usr/bin/${name}`), builtContainerd(name)],
}));

/** CRI's container events came with containerd 1.7, which is newer than some distributions have. */
const criContainerdTools: Tool[] = [
  { name: 'containerd', args: ['--version'] },
  { name: 'containerd-shim-runc-v2', args: ['-v'] },
].map(({ name, args }) => ({
  name: `cri/${name}`,
  path: `cri/bin/${name}`,
  lookIn: [],
  minimum: '1.7.0',
  below: '2.0.0',
  probe: { args, pattern: containerdPattern },
  sources: [distribution('containerd', `usr/bin/${name}`), builtContainerd(name)],
  onlyFor: 'cri',
}));

const cniPlugins: Tool[] = ['main/bridge', 'ipam/host-local', 'main/loopback', 'meta/portmap', 'meta/firewall', 'meta/bandwidth', 'meta/tuning'].map((path) => {
  const name = basename(path);
  const packaged = distribution('containernetworking-plugins', `usr/lib/cni/${name}`);
  return cniPlugin(name, [packaged, built('cni', `github.com/containernetworking/plugins/plugins/${path}`, '1.9.1')]);
});

/** Every tool, the slow builds last so that what is quick is seen first. */
export const tools: Tool[] = [
  ...containerdTools,
  {
    name: 'runc',
    path: 'bin/runc',
    lookIn: [],
    minimum: '1.1.0',
    probe: { args: ['--version'], pattern: /runc version v?(\d+\.\d+\.\d+)/ },
    sources: [distribution('runc', 'usr/sbin/runc'), built('runc', 'github.com/opencontainers/runc', '1.2.6', { cgo: true, versionVariable: 'main.version' })],
  },
  ...cniPlugins,
  {
    name: 'busybox',
    path: 'pkg/bin/busybox',
    probe: { args: ['--help'], pattern: /BusyBox v(\d+\.\d+\.\d+)/ },
    sources: [distribution('busybox-static', 'bin/busybox'), distribution('busybox-static', 'usr/bin/busybox')],
  },
  {
    name: 'catatonit',
    path: 'pkg/usr/bin/catatonit',
    probe: { args: ['--version'], pattern: /version v?(\d+\.\d+\.\d+)/ },
    sources: [distribution('catatonit', 'usr/bin/catatonit')],
  },
  {
    name: 'seccomp-profile',
    path: 'bin/seccomp-profile',
    lookIn: [],
    minimum: '1.7.0',
    probe: { args: ['--version'], pattern: /seccomp-profile v?(\d+\.\d+\.\d+)/ },
    sources: [built('containerd', './seccomp-profile', '1.7.35', { versionVariable: 'main.version' })],
  },
  {
    name: 'pod-dial',
    path: 'bin/pod-dial',
    lookIn: [],
    minimum: '1.0.0',
    probe: { args: ['--version'], pattern: /pod-dial v?(\d+\.\d+\.\d+)/ },
    sources: [built('pod-dial', '.', '1.0.0', { versionVariable: 'main.version' })],
  },
  cniPlugin('flannel', [built('cni-flannel', 'github.com/containernetworking/plugins/plugins/meta/flannel', '0.9.1')]),
  {
    name: 'etcd',
    path: 'bin/etcd',
    lookIn: [],
    minimum: '3.5.13',
    probe: { args: ['--version'], pattern: /etcd Version: (\d+\.\d+\.\d+)/ },
    sources: [distribution('etcd-server', 'usr/bin/etcd'), built('etcd', 'go.etcd.io/etcd/server/v3', '3.6.8')],
  },
  {
    name: 'nerdctl',
    path: 'bin/nerdctl',
    lookIn: [],
    minimum: '1.7.0',
    below: '2.0.0',
    probe: { args: ['--version'], pattern: /nerdctl version v?(\d+\.\d+\.\d+)/ },
    sources: [
      built('nerdctl', 'github.com/containerd/nerdctl/cmd/nerdctl', '1.7.7', {
        versionVariable: 'github.com/containerd/nerdctl/pkg/version.Version',
      }),
    ],
  },
  {
    name: 'flanneld',
    path: 'bin/flanneld',
    lookIn: [],
    minimum: '0.22.0',
    probe: { args: ['--version'], pattern: /^v?(\d+\.\d+\.\d+)/m },
    sources: [
      built('flannel', 'github.com/flannel-io/flannel', '0.28.4', {
        cgo: true,
        versionVariable: 'github.com/flannel-io/flannel/pkg/version.Version',
      }),
    ],
  },
  {
    name: 'coredns',
    path: 'bin/coredns',
    lookIn: [],
    minimum: '1.11.0',
    probe: { args: ['-version'], pattern: /CoreDNS-(\d+\.\d+\.\d+)/ },
    sources: [built('coredns', 'podling.dev/toolchain/coredns', '1.14.7')],
  },
  {
    // A vendor's build tells a longer version: it is not the upstream one that the tests want.
    name: 'kubectl',
    path: 'bin/kubectl',
    lookIn: [],
    minimum: '1.32.0',
    probe: { args: ['version', '--client'], pattern: /Client Version: v?(\d+\.\d+\.\d+)$/m },
    sources: [distribution('kubernetes-client', 'usr/bin/kubectl'), { ...distribution('kubectl', 'usr/bin/kubectl'), suite: 'trixie' }],
    onlyFor: 'tests',
  },
  {
    name: 'kubectl-newest',
    path: 'bin/kubectl-newest',
    lookIn: [],
    minimum: '1.36.0',
    probe: { args: ['version', '--client'], pattern: /Client Version: v?(\d+\.\d+\.\d+)/m },
    sources: ['forky', 'sid'].map((suite) => ({ ...distribution('kubectl', 'usr/bin/kubectl'), suite })),
    onlyFor: 'tests',
  },
  ...['crictl', 'critest'].map((name): Tool => ({
    name,
    path: `bin/${name}`,
    lookIn: [],
    minimum: '1.36.0',
    probe: { args: name === 'crictl' ? ['--version'] : ['-version'], pattern: new RegExp(`${name} version:? v?(\\d+\\.\\d+\\.\\d+)`) },
    sources: [
      built('cri-tools', `sigs.k8s.io/cri-tools/cmd/${name}`, '1.36.0', { isTest: name === 'critest', versionVariable: 'sigs.k8s.io/cri-tools/pkg/version.Version' }),
    ],
    onlyFor: 'tests',
  })),
  {
    // Keeps the user that its file gives it, as few static programs do.
    name: 'bash-static',
    path: 'pkg/bin/bash-static',
    probe: { args: ['--version'], pattern: /version (\d+\.\d+\.\d+)/ },
    sources: [distribution('bash-static', 'bin/bash-static'), distribution('bash-static', 'usr/bin/bash-static')],
    onlyFor: 'tests',
  },
  {
    name: 'docker-registry',
    path: 'pkg/usr/bin/docker-registry',
    probe: { args: ['--version'], pattern: /(\d+\.\d+\.\d+)/ },
    sources: [distribution('docker-registry', 'usr/bin/docker-registry')],
    onlyFor: 'tests',
  },
  ...criContainerdTools,
];

function cniPlugin(name: string, sources: Tool['sources']): Tool {
  return {
    name: `cni/${name}`,
    path: `cni/bin/${name}`,
    lookIn: cniFolders,
    probe: { args: [], env: { CNI_COMMAND: 'VERSION' }, pattern: /"cniVersion":\s*"(\d+\.\d+\.\d+)"/ },
    sources,
  };
}
