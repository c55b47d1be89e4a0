import { formatTime, type Container, type ContainerStatus, type Pod, type PodCondition, type PodPhase } from '@podling/shared/api';

/** Condition types this kubelet writes; those of others are never touched. */
export const kubeletConditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'] as const;

interface ConditionsInput {
  pod: Pod;
  phase: PodPhase;
  initStatuses: readonly ContainerStatus[];
  statuses: readonly ContainerStatus[];
  sandboxReady: boolean;
  known: readonly PodCondition[];
  nowMs: number;
}

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>;

/** Pod conditions; a transition time moves only when the status does. */
export function podConditions(input: ConditionsInput): PodCondition[] {
  const ready = containersReady(input);
  const verdicts: Record<(typeof kubeletConditions)[number], Verdict> = {
    PodReadyToStartContainers: { status: input.sandboxReady ? 'True' : 'False' },
    Initialized: initialized(input),
    Ready: ready,
    ContainersReady: ready,
    PodScheduled: { status: 'True' },
  };
  return kubeletConditions.map((type) => withTransition(type, verdicts[type], input));
}

function withTransition(type: string, verdict: Verdict, { known, nowMs }: ConditionsInput): PodCondition {
  const before = known.find((condition) => condition.type === type);
  const since = before?.status === verdict.status ? before.lastTransitionTime : undefined;
  return { type, ...verdict, lastTransitionTime: since ?? formatTime(new Date(nowMs)) };
}

function containersReady({ pod, phase, statuses }: ConditionsInput): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const unready = namesWithout(pod.spec.containers, statuses, ({ ready }) => ready);
  if (unready.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
}

function initialized({ pod, phase, initStatuses, statuses }: ConditionsInput): Verdict {
  const initContainers = pod.spec.initContainers ?? [];
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  const appsStarted = statuses.some(({ containerID }) => containerID !== undefined);
  const incomplete = appsStarted ? [] : namesWithout(initContainers, initStatuses, ({ ready }) => ready);
  if (incomplete.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${incomplete.join(' ')}]` };
}

function namesWithout(containers: readonly Container[], statuses: readonly ContainerStatus[], good: (status: ContainerStatus) => boolean): string[] {
  return containers.map(({ name }) => name).filter((name) => !statuses.some((status) => status.name === name && good(status)));
}
