import { join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import { namespaceOf, uidOf } from '@podling/shared/api';

/** Kinds of volumes that the kubelet makes itself. */
export type VolumePlugin = 'empty-dir' | 'configmap' | 'secret' | 'downward-api' | 'projected';

/** Where a pod's files are on the node; layout as in Kubernetes. All start with the UID, so no two pods ever share one. */
export interface PodPaths {
  podDir(uid: string): string;
  volumesDir(uid: string): string;
  /** What the kubelet notes about volumes. */
  pluginsDir(uid: string): string;
  volume(uid: string, plugin: VolumePlugin, volume: string): string;
  /** A file that says that a volume has been set up, where no container can reach it. */
  volumeReady(uid: string, plugin: VolumePlugin, volume: string): string;
  etcHosts(uid: string): string;
  logDir(pod: Pod): string;
  podsRoot: string;
  logRoot: string;
}

export function createPodPaths(rootDir: string, podLogDir: string): PodPaths {
  const podsRoot = join(rootDir, 'pods');
  const podDir = (uid: string): string => join(podsRoot, uid);
  const volumesDir = (uid: string): string => join(podDir(uid), 'volumes');
  const pluginsDir = (uid: string): string => join(podDir(uid), 'plugins');
  return {
    podsRoot,
    logRoot: podLogDir,
    podDir,
    volumesDir,
    pluginsDir,
    volume: (uid, plugin, volume) => join(volumesDir(uid), `kubernetes.io~${plugin}`, volume),
    volumeReady: (uid, plugin, volume) => join(pluginsDir(uid), `kubernetes.io~${plugin}`, volume, 'ready'),
    etcHosts: (uid) => join(podDir(uid), 'etc-hosts'),
    logDir: (pod) => join(podLogDir, logFolder(pod)),
  };
}

const maxFileNameBytes = 255;

/** `namespace_name_uid` as in Kubernetes; of a name too long for a file system only the beginning. */
function logFolder(pod: Pod): string {
  const [namespace, uid] = [namespaceOf(pod), uidOf(pod)];
  return `${namespace}_${pod.metadata.name.slice(0, maxFileNameBytes - namespace.length - uid.length - 2)}_${uid}`;
}
