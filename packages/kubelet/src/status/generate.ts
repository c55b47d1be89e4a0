import { formatTime, type Pod, type PodCondition, type PodStatus } from '@podling/shared/api';
import { qosClassOf } from '../runtime/resources.ts';
import type { ProbeResults } from '../runtime/probe-results.ts';
import type { PodRuntimeStatus } from '../runtime/runtime.ts';
import { readySandbox } from '../runtime/runtime.ts';
import type { WaitingReasons } from '../runtime/waiting-reasons.ts';
import { kubeletConditions, podConditions } from './conditions.ts';
import { containerStatuses, type ContainerStatusesInput } from './container-statuses.ts';
import { isTerminalPhase, podPhase } from './phase.ts';

export interface GenerateInput {
  pod: Pod;
  runtime: PodRuntimeStatus;
  waiting: WaitingReasons;
  /** What was last reported: start time, transition times, and what the runtime has forgotten come from it. */
  known: PodStatus;
  hostIPs: readonly string[];
  probes: ProbeResults;
  nowMs: number;
  /** The pod is over: nothing runs any more and nothing will. */
  terminal?: boolean;
}

/**
 * The whole PodStatus from spec and runtime state; pure. A terminal phase never changes again.
 * Called by the pod workers at the start and end of each sync. Upstream twin: kubelet `generateAPIPodStatus`.
 */
export function generatePodStatus(input: GenerateInput): PodStatus {
  const { pod, known, nowMs } = input;
  const final = isTerminalPhase(known.phase);
  const terminal = final || input.terminal === true;
  const { initStatuses, statuses } = allContainerStatuses(input, terminal);
  const phase = final && known.phase ? known.phase : podPhase({ pod, initStatuses, statuses, terminal });
  const sandboxReady = readySandbox(input.runtime) !== undefined;
  const conditions = podConditions({ pod, phase, initStatuses, statuses, sandboxReady, known: known.conditions ?? [], nowMs });
  return {
    phase,
    ...kept(known),
    conditions: [...conditions, ...othersConditions(known)],
    ...addresses(input),
    startTime: known.startTime ?? formatTime(new Date(nowMs)),
    ...(wasRefused(input) ? {} : { ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }), containerStatuses: statuses }),
    qosClass: known.qosClass ?? qosClassOf(pod),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
  };
}

function allContainerStatuses(input: GenerateInput, terminal: boolean) {
  const { pod, runtime, waiting, known } = input;
  const common = { pod, runtime, waiting, terminal };
  const init: ContainerStatusesInput = { ...common, known: known.initContainerStatuses ?? [], defaultReason: 'PodInitializing', init: true };
  const initStatuses = containerStatuses(pod.spec.initContainers ?? [], init);
  const initializing = initStatuses.some(({ ready }) => !ready);
  const app: ContainerStatusesInput = {
    ...common,
    known: known.containerStatuses ?? [],
    defaultReason: initializing ? 'PodInitializing' : 'ContainerCreating',
    init: false,
  };
  return { initStatuses, statuses: containerStatuses(pod.spec.containers, app) };
}

/** A pod that the kubelet refused never had containers; as in Kubernetes its reason stands alone. */
function wasRefused({ known, runtime }: GenerateInput): boolean {
  return known.phase === 'Failed' && known.reason !== undefined && runtime.sandboxes.length === 0 && known.containerStatuses === undefined;
}

function kept({ reason, message }: PodStatus): Pick<PodStatus, 'reason' | 'message'> {
  return { ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) };
}

function othersConditions({ conditions = [] }: PodStatus): PodCondition[] {
  return conditions.filter(({ type }) => !kubeletConditions.some((own) => own === type));
}

/** A pod keeps its last IP after its end, as Kubernetes shows it. */
function addresses({ runtime, hostIPs, known }: GenerateInput): Partial<PodStatus> {
  const ip = readySandbox(runtime)?.ip || known.podIP;
  const hostIP = hostIPs[0];
  return {
    ...(hostIP === undefined ? {} : { hostIP, hostIPs: hostIPs.map((address) => ({ ip: address })) }),
    ...(ip ? { podIP: ip, podIPs: [{ ip }] } : {}),
  };
}
