import type { ContainerStatus } from '@podling/cri';
import type { Container, Pod, PodStatus } from '@podling/shared/api';
import { containerHashAnnotation, hashContainer } from './labels.ts';
import { lostRun } from './lost-container.ts';
import type { ProbeResults } from './probe-results.ts';
import { failedForGood, isSidecar, restartsAfterKill, shouldContainerBeRestarted } from './restart-policy.ts';
import { isRunning, latestContainer, type PodRuntimeStatus } from './runtime.ts';

/** A container to be ended, and why. */
export interface ContainerKill {
  container: ContainerStatus;
  message: string;
  /** The probe that asks for it: it may have a grace period of its own. */
  probe?: 'liveness' | 'startup';
}

export interface InitContainerPlan {
  /** The app containers may run. */
  initialized: boolean;
  /** An init container has failed and is not to run again: nothing of the pod is. */
  failed: boolean;
  start: Container[];
  kill: ContainerKill[];
}

/**
 * Which init containers to start and end, from their runs in the present sandbox. They go one after the other; a
 * sidecar hands on once it has started, and is kept running from then on. The one whose turn it is, is the last of which
 * there is a record: those before it have been done even if the runtime has forgotten them.
 */
export function planInitContainers(pod: Pod, status: PodRuntimeStatus, reported: PodStatus, probes: ProbeResults): InitContainerPlan {
  const plan: InitContainerPlan = { initialized: false, failed: false, start: [], kill: [] };
  const init = pod.spec.initContainers ?? [];
  const appCreated = pod.spec.containers.some(({ name }) => latestContainer(status, name) !== undefined);
  const turn = appCreated ? init.length : Math.max(init.findLastIndex(({ name }) => latestContainer(status, name) !== undefined), 0);
  for (const sidecar of init.slice(0, turn).filter(isSidecar)) keepSidecar(plan, pod, sidecar, latestContainer(status, sidecar.name), probes);
  for (const container of init.slice(turn)) {
    const latest = latestContainer(status, container.name);
    const done = isSidecar(container) ? keepSidecar(plan, pod, container, latest, probes) : runToEnd(plan, pod, container, latest, reported);
    if (!done) return plan.failed ? { ...plan, start: [], kill: [] } : plan;
  }
  return { ...plan, initialized: true };
}

/** Whether the sidecar has started. */
function keepSidecar(plan: InitContainerPlan, pod: Pod, sidecar: Container, latest: ContainerStatus | undefined, probes: ProbeResults): boolean {
  if (latest === undefined || !isRunning(latest)) {
    if (!shouldContainerBeRestarted(pod, sidecar, latest)) return false;
    if (latest?.state === 'CONTAINER_UNKNOWN') plan.kill.push({ container: latest, message: unknownStateMessage('Init container') });
    plan.start.push(sidecar);
    return false;
  }
  const startup = probes.get('startup', latest.id)?.result;
  const kill = sidecarKill(sidecar, latest, probes);
  if (kill !== undefined) {
    plan.kill.push(kill);
    plan.start.push(sidecar);
  }
  return sidecar.startupProbe === undefined || startup === 'Success';
}

function sidecarKill(sidecar: Container, latest: ContainerStatus, probes: ProbeResults): ContainerKill | undefined {
  const subject = `Init container ${sidecar.name}`;
  if (probes.get('startup', latest.id)?.result === 'Failure') return { container: latest, message: `${subject} failed startup probe`, probe: 'startup' };
  if (hasChanged(sidecar, latest)) return { container: latest, message: `${subject} definition changed` };
  if (probes.get('liveness', latest.id)?.result === 'Failure') return { container: latest, message: `${subject} failed liveness probe`, probe: 'liveness' };
  return undefined;
}

/** Whether the init container has succeeded. */
function runToEnd(plan: InitContainerPlan, pod: Pod, container: Container, latest: ContainerStatus | undefined, reported: PodStatus): boolean {
  if (latest?.state === 'CONTAINER_EXITED' && latest.exitCode === 0) return true;
  if (latest && isRunning(latest)) return false;
  const last = latest ?? lostRun(reported, container);
  if (failedForGood(pod, container, last) || (last?.state === 'CONTAINER_UNKNOWN' && !restartsAfterKill(container, pod.spec))) {
    plan.failed = true;
    return false;
  }
  if (!shouldContainerBeRestarted(pod, container, latest)) return false;
  if (latest?.state === 'CONTAINER_UNKNOWN') plan.kill.push({ container: latest, message: unknownStateMessage('Init container') });
  plan.start.push(container);
  return false;
}

/** The spec asks for another container than the one that runs. */
export function hasChanged(container: Container, { annotations }: ContainerStatus): boolean {
  const hash = annotations[containerHashAnnotation];
  return hash !== undefined && hash !== hashContainer(container);
}

export function unknownStateMessage(subject: string): string {
  return `${subject} is in "unknown" state, try killing it before restart`;
}
