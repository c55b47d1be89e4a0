import { formatTime, type Container, type ContainerStatus, type Pod, type PodCondition, type PodPhase } from '@podling/shared/api';
import { isSidecar, sidecarsOf } from '../runtime/restart-policy.ts';

/** Condition types this kubelet writes; those of others are never touched. */
export const kubeletConditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'] as const;

interface ConditionsInput {
  pod: Pod;
  phase: PodPhase;
  initStatuses: readonly ContainerStatus[];
  statuses: readonly ContainerStatus[];
  sandboxReady: boolean;
  known: readonly PodCondition[];
  /** What other writers say of the pod. */
  others: readonly PodCondition[];
  nowMs: number;
}

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>;

/** Pod conditions; a transition time moves only when the status does. Upstream twin: kubelet `status/generate.go`. */
export function podConditions(input: ConditionsInput): PodCondition[] {
  const containers = containersReady(input);
  const verdicts: Record<(typeof kubeletConditions)[number], Verdict> = {
    PodReadyToStartContainers: { status: input.sandboxReady ? 'True' : 'False' },
    Initialized: initialized(input),
    Ready: containers.status === 'True' ? gatesReady(input) : containers,
    ContainersReady: containers,
    PodScheduled: { status: 'True' },
  };
  return kubeletConditions.map((type) => withTransition(type, verdicts[type], input));
}

function withTransition(type: string, verdict: Verdict, { pod, known, nowMs }: ConditionsInput): PodCondition {
  const before = known.find((condition) => condition.type === type);
  const since = before?.status === verdict.status ? before.lastTransitionTime : undefined;
  const { generation } = pod.metadata;
  return { type, ...(generation === undefined ? {} : { observedGeneration: generation }), ...verdict, lastTransitionTime: since ?? formatTime(new Date(nowMs)) };
}

function containersReady({ pod, phase, initStatuses, statuses }: ConditionsInput): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const unready = namesWithout([...sidecarsOf(pod), ...pod.spec.containers], [...initStatuses, ...statuses], ({ ready }) => ready);
  if (unready.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
}

/** Conditions that others write and the pod's author waits for (KEP-580). */
function gatesReady({ pod, others }: ConditionsInput): Verdict {
  const messages = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const status = others.find(({ type }) => type === conditionType)?.status;
    if (status === 'True') return [];
    if (status === undefined) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${status}`];
  });
  return messages.length === 0 ? { status: 'True' } : { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

function initialized({ pod, phase, initStatuses, statuses }: ConditionsInput): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  const appStarted = statuses.some(({ state, lastState }) => state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined);
  const containers = pod.spec.initContainers ?? [];
  const isDone = ({ name, ready, started }: ContainerStatus): boolean => (containers.some((container) => container.name === name && isSidecar(container)) ? started === true : ready);
  const incomplete = appStarted ? [] : namesWithout(containers, initStatuses, isDone);
  if (incomplete.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${incomplete.join(' ')}]` };
}

function namesWithout(containers: readonly Container[], statuses: readonly ContainerStatus[], good: (status: ContainerStatus) => boolean): string[] {
  return containers.map(({ name }) => name).filter((name) => !statuses.some((status) => status.name === name && good(status)));
}
