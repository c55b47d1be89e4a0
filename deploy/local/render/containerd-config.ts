import { join } from 'node:path';
import { containerdConfig, readMachineLimits } from '@podling/cri/containerd-config';
import { toolchainDir } from '@podling/shared/process';
import { pauseRef } from '../../images/pause-image.ts';
import type { NodePaths } from '../cluster-paths.ts';
import type { ClusterRuntime } from '../cluster-record.ts';

/**
 * The configuration of one node's containerd: own root, state and socket. CRI is on where the kubelet speaks it; the
 * native one speaks containerd's own API.
 */
export function nodeContainerdConfig(paths: NodePaths, runtime: ClusterRuntime): string {
  const { containerdRoot: root, containerdState: state, containerdSocket: socket } = paths;
  if (runtime === 'native') return containerdConfig({ root, state, socket });
  const { maySetOomScore, hasHugetlbController } = readMachineLimits();
  return containerdConfig({
    root, state, socket,
    cri: {
      sandboxImage: pauseRef,
      cniBinDir: join(toolchainDir(), 'cni/bin'),
      cniConfDir: paths.cniConf,
      cgroupDriver: 'cgroupfs',
      registryConfigPath: paths.registryHosts,
      restrictOomScoreAdj: !maySetOomScore,
      disableHugetlbController: !hasHugetlbController,
      netnsInStateDir: true,
    },
  });
}
