import { join } from 'node:path';
import { Command, Option } from 'commander';
import { toolchainDir } from '@podling/shared/process';

/** What cri-server is told. The runtime's flags are the kubelet's. */
export interface CriServerConfig {
  listen: string;
  streamingAddress: string;
  containerdAddress: string;
  containerdNamespace: string;
  containerdStateDir: string;
  toolchainDir: string;
  cniConfDir: string;
  cniBinDir: string;
  cniNetwork: string;
  nerdctlDataRoot: string;
  podInfraContainerImage: string;
  registryHostsDirs: string[];
  cgroupDriver: 'cgroupfs' | 'systemd';
}

interface Flags extends Omit<CriServerConfig, 'containerdStateDir' | 'cniBinDir' | 'nerdctlDataRoot'> {
  rootDir: string;
  containerdStateDir?: string;
  cniBinDir?: string;
  nerdctlDataRoot?: string;
}

const HOSTS_DIRS = ['/etc/containerd/certs.d', '/etc/docker/certs.d'];

/** Unknown flags and bad values end with a message. */
export function parseFlags(argv: readonly string[]): CriServerConfig {
  const command = new Command('cri-server')
    .description('serves nerdctl and containerd as a CRI v1 runtime')
    .requiredOption('--listen <endpoint>', 'the socket to serve CRI v1 on: unix:///run/podling/cri.sock')
    .option('--streaming-address <host:port>', 'where exec, attach and port-forward are served, each under an address that is good once; port 0 takes a free one', '127.0.0.1:0')
    .option('--root-dir <dir>', 'the folder of what is kept', '/var/lib/podling/cri')
    .option('--containerd-address <socket>', "containerd's socket", '/run/containerd/containerd.sock')
    .option('--containerd-namespace <name>', "containerd's namespace for our containers: a kubelet on the same containerd needs another", 'podling-cri')
    .option('--containerd-state-dir <dir>', "the runtime layer's own records and pipes (default ROOT/containerd)")
    .option('--toolchain-dir <dir>', 'where nerdctl and the CNI plugins are', toolchainDir())
    .option('--cni-conf-dir <dir>', 'CNI network configuration', '/etc/cni/net.d')
    .option('--cni-bin-dir <dir>', 'CNI plugins (default: those of the toolchain)')
    .option('--cni-network <name>', 'the CNI network of the pods', 'flannel')
    .option('--nerdctl-data-root <dir>', "nerdctl's own records (default ROOT/nerdctl)")
    .option('--pod-infra-container-image <image>', 'image of the pod sandbox', 'podling.local/pause:1')
    .option('--registry-hosts-dirs <dirs...>', 'folders with a hosts.toml per registry', HOSTS_DIRS)
    .addOption(new Option('--cgroup-driver <driver>', 'what drives the cgroups').choices(['cgroupfs', 'systemd']).default('cgroupfs'));
  const { rootDir, ...flags } = command.parse(argv, { from: 'user' }).opts<Flags>();
  return {
    ...flags,
    containerdStateDir: flags.containerdStateDir ?? join(rootDir, 'containerd'),
    cniBinDir: flags.cniBinDir ?? join(flags.toolchainDir, 'cni/bin'),
    nerdctlDataRoot: flags.nerdctlDataRoot ?? join(rootDir, 'nerdctl'),
  };
}
