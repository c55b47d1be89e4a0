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
  /** Where parts of volumes are bound for containers. */
  subPathsDir(uid: string): string;
  /** The part that a container's mount number `index` names. */
  subPath(uid: string, volume: string, container: string, index: number): string;
  etcHosts(uid: string): string;
  /** What a run of a container leaves as its termination message. */
  terminationLog(uid: string, container: string, attempt: number): string;
  logDir(pod: Pod): string;
  podsRoot: string;
  logRoot: string;
}

export function createPodPaths(rootDir: string, podLogDir: string): PodPaths {
  const podsRoot = join(rootDir, 'pods');
  const podDir = (uid: string): string => join(podsRoot, uid);
  const volumesDir = (uid: string): string => join(podDir(uid), 'volumes');
  const pluginsDir = (uid: string): string => join(podDir(uid), 'plugins');
  const subPathsDir = (uid: string): string => join(podDir(uid), 'volume-subpaths');
  return {
    podsRoot,
    logRoot: podLogDir,
    podDir,
    volumesDir,
    pluginsDir,
    volume: (uid, plugin, volume) => join(volumesDir(uid), `kubernetes.io~${plugin}`, volume),
    volumeReady: (uid, plugin, volume) => join(pluginsDir(uid), `kubernetes.io~${plugin}`, volume, 'ready'),
    subPathsDir,
    subPath: (uid, volume, container, index) => join(subPathsDir(uid), volume, container, String(index)),
    etcHosts: (uid) => join(podDir(uid), 'etc-hosts'),
    terminationLog: (uid, container, attempt) => join(podDir(uid), 'containers', container, String(attempt)),
    logDir: (pod) => join(podLogDir, logFolder(pod)),
  };
}

const maxFileNameBytes = 255;

/** `namespace_name_uid` as in Kubernetes; of a name too long for a file system only the beginning. */
function logFolder(pod: Pod): string {
  const [namespace, uid] = [namespaceOf(pod), uidOf(pod)];
  return `${namespace}_${pod.metadata.name.slice(0, maxFileNameBytes - namespace.length - uid.length - 2)}_${uid}`;
}
