import { stringify } from 'yaml';
import type { NodePaths } from '../cluster-paths.ts';

/** What a node's kubelet is told by file; flags say the rest. A node looks often, since who edits a static pod waits for it. */
export function kubeletConfig({ manifests }: NodePaths): string {
  return stringify({ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', staticPodPath: manifests, fileCheckFrequency: '5s' });
}
