import { join } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { toolchainDir } from '@podling/shared/process';

/** Where a native runtime keeps what, as commander gives it. */
export interface NativePlaces {
  containerdNamespace: string;
  containerdStateDir?: string;
  toolchainDir: string;
  cniConfDir: string;
  cniBinDir?: string;
  cniNetwork: string;
  nerdctlDataRoot?: string;
  podInfraContainerImage: string;
  rootDir: string;
}

export interface NativeFlags extends NativePlaces {
  registryHostsDirs: string[];
  cgroupDriver: 'cgroupfs' | 'systemd';
}

type Defaults = Pick<NativePlaces, 'rootDir' | 'containerdNamespace'>;

const HOSTS_DIRS = ['/etc/containerd/certs.d', '/etc/docker/certs.d'];

/** The kubelet's own flags among them: it has the rest from its configuration. */
export function addNativePlaces(command: Command, { rootDir, containerdNamespace }: Defaults): Command {
  return command
    .option('--root-dir <dir>', 'the folder of what is kept', rootDir)
    .option('--containerd-namespace <name>', "containerd's namespace for our containers: two that own pods on one containerd need two", containerdNamespace)
    .option('--containerd-state-dir <dir>', "the runtime layer's own records and pipes (default ROOT/containerd)")
    .option('--toolchain-dir <dir>', 'where nerdctl and the CNI plugins are', toolchainDir())
    .option('--cni-conf-dir <dir>', 'CNI network configuration', '/etc/cni/net.d')
    .option('--cni-bin-dir <dir>', 'CNI plugins (default: those of the toolchain)')
    .option('--cni-network <name>', 'the CNI network of the pods', 'flannel')
    .option('--nerdctl-data-root <dir>', "nerdctl's own records (default ROOT/nerdctl)")
    .option('--pod-infra-container-image <image>', 'image of the pod sandbox', 'podling.local/pause:1');
}

export function addNativeFlags(command: Command, defaults: Defaults): Command {
  return addNativePlaces(command, defaults)
    .option('--registry-hosts-dirs <dirs...>', 'folders with a hosts.toml per registry', HOSTS_DIRS)
    .addOption(new Option('--cgroup-driver <driver>', 'what drives the cgroups').choices(['cgroupfs', 'systemd']).default('cgroupfs'));
}

/** The options of `createContainerdRuntime` that the flags say. */
export function nativeOptions(flags: NativeFlags) {
  const { rootDir, containerdNamespace, containerdStateDir, cniBinDir, nerdctlDataRoot, podInfraContainerImage, cniNetwork, cgroupDriver, cniConfDir, registryHostsDirs } = flags;
  return {
    namespace: containerdNamespace,
    stateDir: containerdStateDir ?? join(rootDir, 'containerd'),
    toolchainDir: flags.toolchainDir,
    cniConfDir,
    cniBinDir: cniBinDir ?? join(flags.toolchainDir, 'cni/bin'),
    nerdctlDataRoot: nerdctlDataRoot ?? join(rootDir, 'nerdctl'),
    pauseImage: podInfraContainerImage,
    network: cniNetwork,
    cgroupManager: cgroupDriver,
    registryHostsDirs,
  };
}
