import type { PodStatus } from '@podling/shared/api';
import { systemdSlice } from '@podling/shared/util';

export type QosClass = NonNullable<PodStatus['qosClass']>;

export type CgroupDriver = 'cgroupfs' | 'systemd';

/** The parts of a cgroup's place below the mount, in nobody's spelling: `['kubepods', 'burstable', 'pod…']`. Upstream twin: cm `CgroupName`. */
export type CgroupName = readonly string[];

const podPrefix = 'pod';

export function parseCgroupName(path: string): CgroupName {
  return path.split('/').filter((part) => part !== '');
}

/** Where the cgroup is below the mount; with systemd a part is a slice that repeats the names of those above it. */
export function cgroupPath(name: CgroupName, driver: CgroupDriver): string {
  if (driver === 'cgroupfs') return `/${name.join('/')}`;
  return `/${name.map((_, index) => systemdSlice(name.slice(0, index + 1))).join('/')}`;
}

/** Guaranteed pods are right under `kubepods`, others under their class. */
export function qosCgroupName(kubepods: CgroupName, qosClass: QosClass): CgroupName {
  return qosClass === 'Guaranteed' ? kubepods : [...kubepods, qosClass.toLowerCase()];
}

export function podCgroupName(kubepods: CgroupName, qosClass: QosClass, uid: string): CgroupName {
  return [...qosCgroupName(kubepods, qosClass), `${podPrefix}${uid}`];
}

/** The UID of the pod whose cgroup has this last part of a path; undefined if it is none. */
export function podUidOf(folder: string, driver: CgroupDriver): string | undefined {
  const name = driver === 'cgroupfs' ? folder : (/-([^-]+)\.slice$/.exec(folder)?.[1] ?? '').replaceAll('_', '-');
  return name.startsWith(podPrefix) && name.length > podPrefix.length ? name.slice(podPrefix.length) : undefined;
}
