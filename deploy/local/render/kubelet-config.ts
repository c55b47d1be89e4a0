import { stringify } from 'yaml';
import type { NodePaths } from '../cluster-paths.ts';

/** The disk is the machine's, whatever the node does: no pod and no image goes because others have filled it. */
const ofMachine = {
  imageGCHighThresholdPercent: 100,
  evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%', 'imagefs.inodesFree': '0%' },
};

/** What a node's kubelet is told by file; flags say the rest. A node looks often, since who edits a static pod waits for it. */
export function kubeletConfig({ manifests }: NodePaths): string {
  return stringify({ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', staticPodPath: manifests, fileCheckFrequency: '5s', ...ofMachine });
}
