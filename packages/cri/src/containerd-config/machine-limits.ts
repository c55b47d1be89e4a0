import { readIfThere } from '../read-if-there.ts';

/** What a machine permits to a containerd that is started as this process is. */
export interface MachineLimits {
  /** False: no OOM score below one's own can be set, so CRI must not try. */
  maySetOomScore: boolean;
  hasHugetlbController: boolean;
}

const capSysResource = 24n;

/** Reads the process' capabilities and the machine's cgroup controllers; `read` answers undefined for a file that is not there. */
export function readMachineLimits(read: (path: string) => string | undefined = readIfThere): MachineLimits {
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(read('/proc/self/status') ?? '') ?? [];
  const version2 = read('/sys/fs/cgroup/cgroup.controllers');
  const version1 = /^hugetlb\s+\d+\s+\d+\s+1$/m.test(read('/proc/cgroups') ?? '') && read('/sys/fs/cgroup/hugetlb/cgroup.procs') !== undefined;
  return {
    maySetOomScore: ((BigInt(`0x${effective}`) >> capSysResource) & 1n) === 1n,
    hasHugetlbController: version2 === undefined ? version1 : version2.split(/\s+/).includes('hugetlb'),
  };
}
