import { anyCpu, ContainerResources, type ContainerResourcesOptions } from '../cm/container-resources.ts';

/** Of a node with 4 GiB, on cgroup v1, as configured by default. */
export function figuresWith(options: Partial<ContainerResourcesOptions> = {}): ContainerResources {
  return new ContainerResources({
    nodeMemoryBytes: 4n * 1024n ** 3n, ownOomScoreAdj: -1000, isCpuLimited: true, cpuPeriodMicroseconds: 100_000, endsAsGroup: false, cpus: anyCpu, hugePageSizes: [], ...options,
  });
}
