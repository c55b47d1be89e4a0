import { describe, expect, it } from 'vitest';
import { isClusterProgram } from './cluster-program.ts';

const logProcess = '/repo/packages/cri/src/containerd/log-process/main.ts';

describe('isClusterProgram', () => {
  it.each([
    ['/tools/bin/etcd', '--data-dir=/var/lib/podling/c/etcd'],
    ['/tools/bin/containerd', '--config', '/var/lib/podling/c/nodes/node-1/containerd.toml'],
    ['/tools/bin/containerd-shim-runc-v2', '-address', '/run/podling/c/node-1/containerd.sock'],
    ['/tools/bin/flanneld', '-subnet-file=/var/lib/podling/c/nodes/node-1/flannel-subnet.env'],
    ['nerdctl', '--address', '/run/podling/c/node-1/containerd.sock'],
    ['runc', '--root', '/run/podling/c/node-1/runc'],
    ['/repo/node_modules/.bin/node', '--max-semi-space-size=1', '/repo/packages/kubelet/src/main.ts', '--root-dir', '/var/lib/podling/c'],
    ['/usr/bin/node', '--max-old-space-size=64', '--disable-warning=ExperimentalWarning', logProcess, '/run/podling/c/node-1/runtime', '1000'],
    ['/bin/sh', '/repo/bin/scheduler', '--kubeconfig', '/var/lib/podling/c/scheduler.kubeconfig'],
  ])('is one: %s %s', (...words) => {
    expect(isClusterProgram(words)).toBe(true);
  });

  it.each([
    ['tail', '-f', '/var/lib/podling/c/logs/etcd.log'],
    ['vim', '/var/lib/podling/c/logs/kubelet-node-1.log'],
    ['/usr/bin/node', '/repo/node_modules/.bin/vitest', '/var/lib/podling/c/'],
    ['/usr/bin/node', '/repo/packages/kubectl/src/main.ts', '--kubeconfig', '/var/lib/podling/c/admin.kubeconfig'],
    ['/usr/bin/node', '/repo/tool.ts', '/repo/packages/kubelet/src/main.ts', '/var/lib/podling/c/'],
    ['sh', '-c', 'cat /var/lib/podling/c/cluster.json # /repo/bin/kubelet'],
    ['etcdctl', '--cacert', '/var/lib/podling/c/pki/etcd/ca.crt'],
    [''],
  ])('is none: %s %s', (...words: string[]) => {
    expect(isClusterProgram(words)).toBe(false);
  });
});
