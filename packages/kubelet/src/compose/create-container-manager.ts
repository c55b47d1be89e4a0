import { readFileSync } from 'node:fs';
import { parseDurationMs } from '@podling/shared/util';
import { CgroupManager } from '../cm/cgroup-manager.ts';
import { anyCpu, ContainerResources } from '../cm/container-resources.ts';
import { readHugePageSizes } from '../cm/huge-pages.ts';
import { createPodCgroups, kubepodsOf, noPodCgroups, podCgroupPath, type PodCgroups } from '../cm/pod-cgroups.ts';
import type { Core } from './core.ts';

/** What gives pods their part of the machine. */
export interface ContainerManager {
  cgroups: PodCgroups;
  figures: ContainerResources;
}

export function createContainerManager({ config, clock, machine }: Core): ContainerManager {
  const { cpuCFSQuota, cpuCFSQuotaPeriod, cgroupDriver, podPidsLimit, singleProcessOOMKill } = config.configuration;
  const isFake = config.containerRuntime === 'fake';
  const cgroups = isFake ? undefined : new CgroupManager(clock);
  const hugePageSizes = readHugePageSizes();
  const figures = new ContainerResources({
    nodeMemoryBytes: machine.memoryBytes, ownOomScoreAdj: ownOomScoreAdj(), isCpuLimited: cpuCFSQuota, cpuPeriodMicroseconds: parseDurationMs(cpuCFSQuotaPeriod) * 1_000,
    endsAsGroup: cgroups?.version === 2 && singleProcessOOMKill !== true, cpus: anyCpu, hugePageSizes,
  });
  const kubepods = kubepodsOf(config.cgroupRoot);
  if (cgroups === undefined) return { figures, cgroups: noPodCgroups((pod) => podCgroupPath(kubepods, cgroupDriver, pod)) };
  return { figures, cgroups: createPodCgroups({ cgroups, driver: cgroupDriver, kubepods, resources: figures, podPidsLimit, onChange: () => undefined }) };
}

function ownOomScoreAdj(): number {
  try {
    return Number(readFileSync('/proc/self/oom_score_adj', 'utf8'));
  } catch {
    return 0;
  }
}
