import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import { parseDurationMs } from '@podling/shared/util';
import { CgroupManager } from '../cm/cgroup-manager.ts';
import { ContainerResources } from '../cm/container-resources.ts';
import { createStaticCpuManager, noCpuManager, type CpuManager, type RunningContainer } from '../cm/cpu-manager.ts';
import { CpuManagerState } from '../cm/cpu-manager-state.ts';
import { readCpuTopology } from '../cm/cpu-topology.ts';
import { readHugePageSizes } from '../cm/huge-pages.ts';
import { OomWatcher } from '../cm/oom-watcher.ts';
import { createPodCgroups, kubepodsOf, noPodCgroups, podCgroupPath, type PodCgroups } from '../cm/pod-cgroups.ts';
import { QosContainerManager } from '../cm/qos-container-manager.ts';
import { ConfigurationError } from '../config/configuration-file.ts';
import { nodeReference } from '../node/node-reference.ts';
import { isRunning } from '../runtime/runtime.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';
import { enforceReservations, kubepodsConfig } from './node-enforcement.ts';

/** What gives pods their part of the machine. */
export interface ContainerManager {
  cgroups: PodCgroups;
  figures: ContainerResources;
  cpus: CpuManager;
  /** Before any pod. `pods`: those that take part of the node, as granted. */
  start: (pods: () => readonly Pod[]) => Promise<void>;
  stop: () => Promise<void>;
}

export async function createContainerManager(core: Core, base: BaseParts): Promise<ContainerManager> {
  const { config, clock, machine } = core;
  const { cpuCFSQuota, cpuCFSQuotaPeriod, cgroupDriver: driver, cgroupsPerQOS } = config.configuration;
  const manager = config.containerRuntime === 'fake' ? undefined : new CgroupManager(clock);
  const cpus = await createCpuManager(core, base);
  const figures = new ContainerResources({
    nodeMemoryBytes: machine.memoryBytes, ownOomScoreAdj: ownOomScoreAdj(), isCpuLimited: cpuCFSQuota, cpuPeriodMicroseconds: parseDurationMs(cpuCFSQuotaPeriod) * 1_000,
    endsAsGroup: endsAsGroup(core, manager?.version), cpus, hugePageSizes: readHugePageSizes(),
  });
  const kubepods = kubepodsOf(config.cgroupRoot);
  if (manager === undefined) return { figures, cpus, cgroups: noPodCgroups((pod) => podCgroupPath(kubepods, driver, pod)), start: async () => undefined, stop: () => cpus.stop() };
  refuseSystemd(core);
  if (!cgroupsPerQOS) return { figures, cpus, cgroups: noPodCgroups(() => config.cgroupRoot), start: async () => undefined, stop: () => cpus.stop() };
  return withCgroups(core, base, { manager, figures, cpus });
}

interface CgroupParts {
  manager: CgroupManager;
  figures: ContainerResources;
  cpus: CpuManager;
}

function withCgroups(core: Core, base: BaseParts, { manager, figures, cpus }: CgroupParts): ContainerManager {
  const { config, clock, logger } = core;
  const { cgroupDriver: driver, podPidsLimit } = config.configuration;
  const kubepods = kubepodsOf(config.cgroupRoot);
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void => base.recorder.event(nodeReference(config.nodeName), type, reason, message);
  let pods: () => readonly Pod[] = () => [];
  const qos = new QosContainerManager({
    cgroups: manager, driver, kubepods, nodeConfig: kubepodsConfig(core), hugePageSizes: readHugePageSizes(), pods: () => pods(), tell, clock, logger,
  });
  const oomWatcher = new OomWatcher({ tell, clock, logger });
  return {
    figures, cpus,
    cgroups: createPodCgroups({
      cgroups: manager, driver, kubepods, resources: figures, podPidsLimit,
      onEnsure: () => qos.soon(),
      onRemove: (uid) => {
        cpus.release(uid);
        qos.soon();
      },
    }),
    async start(granted) {
      pods = granted;
      await qos.start();
      await enforceReservations(core, manager, tell);
      oomWatcher.start();
      void tellOfDriver(core);
    },
    async stop() {
      await Promise.all([qos.stop(), cpus.stop(), oomWatcher.stop()]);
    },
  };
}

/** Only a kubelet that asks systemd for each slice could share the tree with it. */
function refuseSystemd({ config }: Core): void {
  if (config.configuration.cgroupDriver === 'cgroupfs') return;
  throw new ConfigurationError('cgroupDriver: systemd is not supported: this kubelet makes the cgroups of pods itself; set cgroupDriver to cgroupfs, and SystemdCgroup = false in the configuration of the container runtime');
}

/** A runtime that takes a path for a slice of systemd's starts no container: its own message does not say why. */
async function tellOfDriver({ runtime, logger }: Core): Promise<void> {
  const known = await runtime.runtimeConfig().catch(() => undefined);
  if (known?.cgroupDriver === 'systemd') logger.error('the container runtime has the cgroup driver systemd and this kubelet has cgroupfs: set SystemdCgroup = false in the configuration of the runtime');
}

function endsAsGroup({ config }: Core, version: 1 | 2 | undefined): boolean {
  const { singleProcessOOMKill } = config.configuration;
  if (version === 1 && singleProcessOOMKill === false) throw new ConfigurationError('singleProcessOOMKill: must not be explicitly set to false when using cgroup v1');
  return version === 2 && singleProcessOOMKill !== true;
}

async function createCpuManager({ config, clock, logger, runtime, reservations }: Core, { pods, statuses }: BaseParts): Promise<CpuManager> {
  const { cpuManagerPolicy, cpuManagerPolicyOptions = {}, cpuManagerReconcilePeriod, reservedSystemCPUs = '' } = config.configuration;
  if (config.containerRuntime === 'fake' && cpuManagerPolicy === 'none') return noCpuManager;
  const state = new CpuManagerState(join(config.rootDir, 'cpu_manager_state'), cpuManagerPolicy);
  if (cpuManagerPolicy === 'none') return noCpuManager;
  const running = async (): Promise<RunningContainer[]> => {
    const read = await Promise.all(pods.list().map(({ metadata: { uid = '' } }) => statuses.get(uid)));
    return read.flatMap(({ uid, containers }) => containers.filter(isRunning).map(({ id, metadata: { name } }) => ({ uid, name, id })));
  };
  return createStaticCpuManager({
    state, reservations, runtime, running, clock, logger,
    topology: await readCpuTopology(),
    reservedSystemCpus: reservedSystemCPUs,
    isWholeCoresOnly: cpuManagerPolicyOptions['full-pcpus-only'] === 'true',
    isReservationStrict: cpuManagerPolicyOptions['strict-cpu-reservation'] === 'true',
    reconcilePeriodMs: parseDurationMs(cpuManagerReconcilePeriod),
    isKnown: (uid) => pods.get(uid) !== undefined,
  });
}

function ownOomScoreAdj(): number {
  try {
    return Number(readFileSync('/proc/self/oom_score_adj', 'utf8'));
  } catch {
    return 0;
  }
}
