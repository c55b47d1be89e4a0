import type { ContainerStatus, LinuxResources } from '@podling/cri';
import type { Container, Pod } from '@podling/shared/api';
import type { CgroupResources, ContainerResources } from '../cm/container-resources.ts';
import type { PodActions } from './compute-pod-actions.ts';
import type { ContainerKill } from './init-container-plan.ts';
import { isSidecar } from './restart-policy.ts';
import { isRunning, latestContainer, type PodRuntimeStatus } from './runtime.ts';

/** A running container that is to get more or less, without a restart. */
export interface ContainerResize {
  container: ContainerStatus;
  resources: CgroupResources;
}

/** Of one container that runs, at the time a resize was allowed. */
export interface PendingRestart {
  containerName: string;
  containerId: string;
}

export interface ResizePlan {
  update: ContainerResize[];
  /** Their resizePolicy wants a restart for what has changed. */
  kill: ContainerKill[];
}

type Figures = Pick<ContainerResources, 'cgroupResources'>;

/** What running containers have beside what they are to have; others get it with their next start. */
export function computeResize(pod: Pod, status: PodRuntimeStatus, restarts: readonly PendingRestart[], figures: Figures): ResizePlan {
  const plan: ResizePlan = { update: [], kill: [] };
  for (const container of resizableContainers(pod)) {
    const latest = latestContainer(status, container.name);
    if (latest === undefined || !isRunning(latest)) continue;
    const resources = figures.cgroupResources(pod, container);
    if (restarts.some(({ containerId }) => containerId === latest.id)) plan.kill.push({ container: latest, message: `Container ${container.name} resize requires restart` });
    else if (!isInForce(resources, latest.resources)) plan.update.push({ container: latest, resources });
  }
  return plan;
}

/** Adds the restarts that a resize wants; containers that end anyway are left out. `restarts` undefined: never resized. */
export function planResize(actions: PodActions, pod: Pod, status: PodRuntimeStatus, restarts: readonly PendingRestart[] | undefined, figures: Figures): { actions: PodActions; updates: ContainerResize[] } {
  if (restarts === undefined || actions.killPod) return { actions, updates: [] };
  const stays = ({ container }: { container: ContainerStatus }): boolean => actions.kill.every((kill) => kill.container.id !== container.id);
  const { update, kill } = computeResize(pod, status, restarts, figures);
  const kills = kill.filter(stays);
  const again = (list: readonly Container[] = [], planned: readonly Container[]): Container[] =>
    list.filter(({ name }) => planned.some((other) => other.name === name) || kills.some(({ container }) => container.metadata.name === name));
  const { containers, initContainers } = pod.spec;
  return {
    actions: { ...actions, kill: [...actions.kill, ...kills], start: again(containers, actions.start), startInit: again(initContainers, actions.startInit) },
    updates: update.filter(stays),
  };
}

/** Init containers that run to their end are what they were. */
export function resizableContainers({ spec }: Pod): Container[] {
  return [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers];
}

export function isInForce(wanted: CgroupResources, present: LinuxResources): boolean {
  return (['cpuShares', 'cpuQuota', 'memoryLimitBytes'] as const).every((key) => (wanted[key] ?? 0) === (present[key] ?? 0));
}
