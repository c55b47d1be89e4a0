import { formatTime, qosClassOf, type ContainerStatus, type Pod, type PodCondition, type PodStatus } from '@podling/shared/api';
import type { ContainerResources } from '../cm/container-resources.ts';
import type { AnyContainer } from '../runtime/pod-containers.ts';
import type { ProbeResults } from '../runtime/probe-results.ts';
import type { PodRuntimeStatus } from '../runtime/runtime.ts';
import { podIPsOf, readySandbox } from '../runtime/runtime.ts';
import type { WaitingReasons } from '../runtime/waiting-reasons.ts';
import { activeDeadlineMs, deadlineExceeded } from './active-deadline.ts';
import { kubeletConditions, podConditions } from './conditions.ts';
import { resizeConditions, resizeConditionTypes, type ResizeState } from './resize-conditions.ts';
import { containerStatuses, type ContainerStatusesInput } from './container-statuses.ts';
import { limitMessages } from './message-limit.ts';
import { isTerminalPhase, podPhase } from './phase.ts';

export interface GenerateInput {
  pod: Pod;
  runtime: PodRuntimeStatus;
  waiting: WaitingReasons;
  /** What was last reported: start time, transition times, and what the runtime has forgotten come from it. */
  known: PodStatus;
  hostIPs: readonly string[];
  probes: ProbeResults;
  figures: Pick<ContainerResources, 'cgroupResources'>;
  /** Default: none. */
  resize?: ResizeState;
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
  const startTime = known.startTime ?? formatTime(new Date(nowMs));
  const { initStatuses, statuses, ephemeralStatuses } = allContainerStatuses(input, terminal);
  const expired = !final && nowMs >= (activeDeadlineMs(pod, { startTime }) ?? Number.POSITIVE_INFINITY);
  const counted = podPhase({ pod, initStatuses, statuses, terminal, initialized: appRan(input) });
  const phase = final && known.phase ? known.phase : expired ? deadlineExceeded.phase : counted;
  const sandboxReady = readySandbox(input.runtime) !== undefined;
  const others = othersConditions(input);
  const conditions = podConditions({ pod, phase, initStatuses, statuses, sandboxReady, known: known.conditions ?? [], others, nowMs });
  return {
    ...kept(known),
    ...(expired ? deadlineExceeded : { phase }),
    conditions: [...conditions, ...(terminal ? [] : resizeConditions(input.resize ?? {}, known.conditions ?? [], nowMs)), ...others],
    ...addresses(input),
    startTime,
    ...(wasRefused(input) ? {} : {
      ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
      containerStatuses: statuses,
      ...(ephemeralStatuses.length === 0 ? {} : { ephemeralContainerStatuses: ephemeralStatuses }),
    }),
    qosClass: known.qosClass ?? qosClassOf(pod.spec),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
  };
}

function allContainerStatuses(input: GenerateInput, terminal: boolean) {
  const { pod, runtime, waiting, probes, figures, known } = input;
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const defaultReason = initContainers.length > 0 ? 'PodInitializing' as const : 'ContainerCreating' as const;
  const common = { pod, runtime, waiting, probes, figures, terminal, defaultReason };
  const of = (kind: ContainerStatusesInput['kind'], list: readonly AnyContainer[], before: readonly ContainerStatus[] = []): ContainerStatus[] =>
    limitMessages(pod, containerStatuses(list, { ...common, kind, known: before }));
  return {
    initStatuses: of('init', initContainers, known.initContainerStatuses),
    statuses: of('app', containers, known.containerStatuses),
    ephemeralStatuses: of('ephemeral', ephemeralContainers, known.ephemeralContainerStatuses),
  };
}

/** In the present sandbox. */
function appRan({ pod, runtime }: GenerateInput): boolean {
  const sandboxId = runtime.sandboxes[0]?.id;
  return runtime.containers.some(({ metadata, podSandboxId, state }) =>
    podSandboxId === sandboxId && state !== 'CONTAINER_CREATED' && pod.spec.containers.some(({ name }) => name === metadata.name));
}

/** A pod that the kubelet refused never had containers; as in Kubernetes its reason stands alone. */
function wasRefused({ known, runtime }: GenerateInput): boolean {
  return known.phase === 'Failed' && known.reason !== undefined && runtime.sandboxes.length === 0 && known.containerStatuses === undefined;
}

function kept({ reason, message }: PodStatus): Pick<PodStatus, 'reason' | 'message'> {
  return { ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) };
}

/** As the apiserver shows them now, and what this kubelet has noted of a disruption. */
function othersConditions({ pod, known }: GenerateInput): PodCondition[] {
  const shown = (pod.status?.conditions ?? []).filter(({ type }) => ![...kubeletConditions, ...resizeConditionTypes].some((own) => own === type));
  const noted = (known.conditions ?? []).filter(({ type }) => type === 'DisruptionTarget');
  return [...shown.filter(({ type }) => !noted.some((condition) => condition.type === type)), ...noted];
}

/** A pod keeps its last IP after its end, as Kubernetes shows it; one on the node's network has the node's before its sandbox. */
function addresses({ pod, runtime, hostIPs, known }: GenerateInput): Partial<PodStatus> {
  const ip = pod.spec.hostNetwork ? hostIPs[0] : (podIPsOf(readySandbox(runtime), hostIPs)[0] ?? known.podIP);
  const hostIP = hostIPs[0];
  return {
    ...(hostIP === undefined ? {} : { hostIP, hostIPs: hostIPs.map((address) => ({ ip: address })) }),
    ...(ip ? { podIP: ip, podIPs: [{ ip }] } : {}),
  };
}
