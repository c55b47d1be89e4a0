import type { NodePaths } from '../cluster-paths.ts';

/**
 * The configuration of one node's containerd: own root, state and socket. CRI is off because the kubelet speaks
 * containerd's own API, and a score below the parent's cannot be set without CAP_SYS_RESOURCE.
 */
export function containerdConfig(paths: NodePaths): string {
  return `version = 2
root = ${JSON.stringify(paths.containerdRoot)}
state = ${JSON.stringify(paths.containerdState)}
oom_score = 0
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]

[grpc]
  address = ${JSON.stringify(paths.containerdSocket)}

[debug]
  level = "info"
`;
}
