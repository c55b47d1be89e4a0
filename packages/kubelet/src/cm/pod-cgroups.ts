import { qosClassOf, uidOf, type Pod } from '@podling/shared/api';
import { cgroupPath, parseCgroupName, podCgroupName, podUidOf, qosCgroupName, type CgroupDriver, type CgroupName, type QosClass } from './cgroup-name.ts';
import type { CgroupManager } from './cgroup-manager.ts';
import type { ContainerResources } from './container-resources.ts';

/** The pod level of the cgroup tree; containers are placed below it by the runtime. Upstream twin: cm `PodContainerManager`. */
export interface PodCgroups {
  /** Where the runtime is to place the pod's containers. */
  parentOf(pod: Pod): string;
  /** Makes the pod's cgroup with its share of the CPU and its limits; a limit that is absent is lifted. */
  ensure(pod: Pod): Promise<void>;
  /** Sets what of this is more than the cgroup has. */
  widen(pod: Pod): Promise<void>;
  /** Memory in use by all of the pod; 0 when nobody can tell. */
  memoryUsageBytes(pod: Pod): Promise<number>;
  /** Removes the cgroup with all below it, and kills what still runs there; one that is not there is fine. */
  remove(uid: string): Promise<void>;
  /** Removes the cgroup unless something runs there: false then. */
  removeEmpty(uid: string): Promise<boolean>;
  /** Of the pods that have a cgroup. */
  listUids(): Promise<string[]>;
}

export interface PodCgroupsOptions {
  cgroups: CgroupManager;
  driver: CgroupDriver;
  /** The cgroup of all pods. */
  kubepods: CgroupName;
  resources: ContainerResources;
  /** `podPidsLimit`; -1: none. */
  podPidsLimit: number;
  /** A pod begins to take part of the node. */
  onEnsure: () => void;
  /** Nothing of it runs any more. */
  onRemove: (uid: string) => void;
}

const qosClasses: readonly QosClass[] = ['Guaranteed', 'Burstable', 'BestEffort'];

/** The cgroup of all pods of a node. */
export const kubepodsOf = (cgroupRoot: string): CgroupName => [...parseCgroupName(cgroupRoot), 'kubepods'];

/** For a runtime without processes, and where pods have no cgroup of their own: all are under `parentOf`. */
export function noPodCgroups(parentOf: (pod: Pod) => string): PodCgroups {
  return { parentOf, ensure: async () => undefined, widen: async () => undefined, memoryUsageBytes: async () => 0, remove: async () => undefined, removeEmpty: async () => true, listUids: async () => [] };
}

export function createPodCgroups({ cgroups, driver, kubepods, resources, podPidsLimit, onEnsure, onRemove }: PodCgroupsOptions): PodCgroups {
  const pids = podPidsLimit > 0 ? { pidsLimit: podPidsLimit } : {};
  const parentOf = (pod: Pod): string => podCgroupPath(kubepods, driver, pod);
  const placesOf = (uid: string): string[] => qosClasses.map((qosClass) => cgroupPath(podCgroupName(kubepods, qosClass, uid), driver));
  const config = (pod: Pod) => ({ ...resources.podConfig(pod), ...pids });
  return {
    parentOf,
    async ensure(pod) {
      onEnsure();
      await cgroups.set(parentOf(pod), config(pod));
    },
    widen: (pod) => cgroups.widen(parentOf(pod), config(pod)),
    memoryUsageBytes: (pod) => cgroups.memoryUsageBytes(parentOf(pod)),
    async remove(uid) {
      for (const path of placesOf(uid)) await cgroups.remove(path);
      onRemove(uid);
    },
    async removeEmpty(uid) {
      for (const path of placesOf(uid)) if (!(await cgroups.removeEmpty(path))) return false;
      onRemove(uid);
      return true;
    },
    async listUids() {
      const children = await Promise.all(qosClasses.map((qosClass) => cgroups.children(cgroupPath(qosCgroupName(kubepods, qosClass), driver))));
      return children.flat().flatMap((folder) => podUidOf(folder, driver) ?? []);
    },
  };
}

export function podCgroupPath(kubepods: CgroupName, driver: CgroupDriver, pod: Pod): string {
  return cgroupPath(podCgroupName(kubepods, qosClassOf(pod.spec), uidOf(pod)), driver);
}
