import { readFileSync } from 'node:fs';
import type { Pod } from '@podling/shared/api';
import { parseDurationMs } from '@podling/shared/util';
import { cgroupPath } from '../cm/cgroup-name.ts';
import { kubepodsOf, podCgroupPath } from '../cm/pod-cgroups.ts';
import { run } from '../exec.ts';
import { readCadvisor, type CadvisorReadings } from '../stats/cadvisor-readings.ts';
import { DiskUsage } from '../stats/disk-usage.ts';
import { NodeStatsReader, type SystemContainer } from '../stats/node-stats.ts';
import { sharedReading } from '../stats/shared-reading.ts';
import { StatsProvider } from '../stats/stats-provider.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';

export interface StatsParts {
  stats: StatsProvider;
  readCadvisor: () => Promise<CadvisorReadings>;
}

/** What node and pods use. */
export function createStats(core: Core, { pods, statusOf }: BaseParts): StatsParts {
  const { config, runtime, clock, logger, paths } = core;
  const { nodeName, rootDir, configuration, cgroupRoot } = config;
  const kubepods = kubepodsOf(cgroupRoot);
  const stats = new StatsProvider({
    runtime, paths, clock,
    listPods: () => pods.list().map((pod) => ({ ...pod, status: statusOf(pod) })),
    node: new NodeStatsReader({ nodeName, rootDir, images: runtime, systemContainers: systemContainers(core), clock, logger }),
    disk: new DiskUsage({ run, clock, logger }),
    volumePeriodMs: Math.max(0, parseDurationMs(configuration.volumeStatsAggPeriod)),
  });
  const { cgroupDriver } = configuration;
  const cadvisor = {
    kubepods: cgroupPath(kubepods, cgroupDriver), cgroupOf: (pod: Pod) => podCgroupPath(kubepods, cgroupDriver, pod),
    pauseImage: config.podInfraContainerImage, now: () => clock.now(),
  };
  return { stats, readCadvisor: sharedReading(async () => readCadvisor(await stats.readings(), cadvisor)) };
}

/** The kubelet's own cgroup is told apart only if it has one. */
function systemContainers({ config, clock }: Core): SystemContainer[] {
  if (config.containerRuntime === 'fake') return [];
  const startedAtMs = clock.now();
  const places: [SystemContainer['name'], string | undefined][] = [
    ['kubelet', ownCgroup()],
    ['pods', cgroupPath(kubepodsOf(config.cgroupRoot), config.configuration.cgroupDriver)],
  ];
  return places.flatMap(([name, cgroup]) => (cgroup === undefined || cgroup === '/' ? [] : [{ name, cgroup, startedAtMs }]));
}

/** By /proc/self/cgroup: with v1 that of the memory controller. Where controllers disagree nobody is told apart. */
function ownCgroup(): string | undefined {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n').map((line) => line.split(':'));
  const pathOf = (controller: string): string | undefined => lines.find(([, controllers = '']) => controllers.split(',').includes(controller))?.slice(2).join(':');
  const [cpu, memory] = [pathOf('cpuacct'), pathOf('memory')];
  if (cpu === undefined && memory === undefined) return pathOf('');
  return cpu === memory ? memory : undefined;
}
