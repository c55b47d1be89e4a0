import { basename } from 'node:path';

const binaries = new Set(['etcd', 'coredns', 'containerd', 'containerd-shim-runc-v2', 'flanneld', 'nerdctl', 'runc']);
const ownProgram = /\/(?:bin\/(?:apiserver|scheduler|controller-manager|kubelet)|packages\/(?:apiserver|scheduler|controller-manager|kubelet)\/src\/main\.ts|log-process\/main\.ts)$/;

/** Whether a command line is of a kind that a cluster starts, and not somebody's pager, editor or test run on its files. */
export function isClusterProgram([command = '', ...args]: string[]): boolean {
  const name = basename(command);
  if (binaries.has(name)) return true;
  const script = name === 'sh' ? args[0] : name === 'node' ? args.find((word) => !word.startsWith('-')) : undefined;
  return ownProgram.test(script ?? '');
}
