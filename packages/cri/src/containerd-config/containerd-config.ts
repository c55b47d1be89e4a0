import { stringify } from 'smol-toml';

/**
 * The configuration file of a containerd 1.6 or 1.7 (version 2 of the format), as far as a node needs it. What is not
 * named here has containerd's default. Twin: containerd `services/server/config` and `pkg/cri/config`.
 */
export interface ContainerdConfig {
  /** Images and what outlives a reboot. */
  root: string;
  /** What does not. */
  state: string;
  /** The Unix socket of the gRPC API. */
  socket: string;
  /** containerd's own; below that of its parent only with CAP_SYS_RESOURCE. Default 0. */
  oomScore?: number;
  /** Absent: the plugin is off, and only clients of containerd's own API are served. */
  cri?: CriPlugin;
  /** The same API on a TCP port: whoever speaks to it is root here, so it is served with TLS and to known clients only. */
  tcp?: TcpEndpoint;
}

export interface CriPlugin {
  /** Image of the pod sandbox. */
  sandboxImage: string;
  cniBinDir: string;
  /** The first network in the folder by name is the pods'. */
  cniConfDir: string;
  cgroupDriver: 'cgroupfs' | 'systemd';
  /** Folder with a `HOST/hosts.toml` for each registry: its mirrors, CA and credentials' host. */
  registryConfigPath?: string;
  /** No OOM score below containerd's own, where the machine does not permit it. */
  restrictOomScoreAdj: boolean;
  /** Where the machine has no hugetlb controller. */
  disableHugetlbController: boolean;
  /** Where the streams of exec, attach and port-forward are served. Default: the loopback, for the kubelet alone. */
  streamServerAddress?: string;
  /** Network namespaces below the state folder rather than in /run/netns, which is one for the machine. */
  netnsInStateDir?: boolean;
}

export interface TcpEndpoint {
  /** `host:port`. */
  address: string;
  certFile: string;
  keyFile: string;
  /** The CA that clients are signed by. */
  clientCaFile: string;
}

/** An exec may say 16 MiB on each of its outputs, and gRPC takes 16 MiB in all by itself. */
const maxMessageBytes = 64 * 1024 * 1024;

export const criPlugin = 'io.containerd.grpc.v1.cri';

const unusedSnapshotters = ['aufs', 'btrfs', 'devmapper', 'zfs'].map((name) => `io.containerd.snapshotter.v1.${name}`);

/** The file's text. */
export function containerdConfig({ root, state, socket, oomScore = 0, cri, tcp }: ContainerdConfig): string {
  return stringify({
    version: 2,
    root,
    state,
    oom_score: oomScore,
    disabled_plugins: [...(cri ? [] : [criPlugin]), 'io.containerd.internal.v1.opt', ...unusedSnapshotters],
    grpc: { address: socket, max_recv_message_size: maxMessageBytes, max_send_message_size: maxMessageBytes, ...(tcp ? tcpSettings(tcp) : {}) },
    ...(cri ? { plugins: { [criPlugin]: criSettings(cri, tcp !== undefined) } } : {}),
  });
}

function tcpSettings({ address, certFile, keyFile, clientCaFile }: TcpEndpoint): Record<string, string> {
  return { tcp_address: address, tcp_tls_cert: certFile, tcp_tls_key: keyFile, tcp_tls_ca: clientCaFile };
}

function criSettings(cri: CriPlugin, overTcp: boolean) {
  return {
    sandbox_image: cri.sandboxImage,
    restrict_oom_score_adj: cri.restrictOomScoreAdj,
    disable_hugetlb_controller: cri.disableHugetlbController,
    disable_tcp_service: !overTcp,
    ...(cri.streamServerAddress === undefined ? {} : { stream_server_address: cri.streamServerAddress }),
    // Without it an exec waits for ever for what its children hold open.
    drain_exec_sync_io_timeout: '1s',
    netns_mounts_under_state_dir: cri.netnsInStateDir ?? false,
    cni: { bin_dir: cri.cniBinDir, conf_dir: cri.cniConfDir },
    containerd: {
      default_runtime_name: 'runc',
      runtimes: { runc: { runtime_type: 'io.containerd.runc.v2', options: { SystemdCgroup: cri.cgroupDriver === 'systemd' } } },
    },
    ...(cri.registryConfigPath === undefined ? {} : { registry: { config_path: cri.registryConfigPath } }),
  };
}
