import type { RuntimeHandler, RuntimeStatus } from '@podling/cri';
import { formatTime, type ContainerImage, type NodeCondition, type NodeStatus } from '@podling/shared/api';
import { allocatable, type Reservations } from '../cm/node-allocatable.ts';
import type { PressureCondition } from '../eviction/signals.ts';
import type { MachineInfo } from './machine-info.ts';

export interface NodeStatusInput {
  machine: MachineInfo;
  runtimeVersion: string;
  runtimeHandlers: readonly RuntimeHandler[];
  features: RuntimeStatus['features'];
  images: readonly ContainerImage[];
  maxPods: number;
  reservations: Reservations;
  addresses: { nodeIp: string; hostname: string };
  kubeletPort: number;
  pressure: readonly PressureCondition[];
  /** Why the node is not ready, or undefined. */
  problem: string | undefined;
  known: readonly NodeCondition[];
  nowMs: number;
}

/** The status this kubelet answers for; pure. */
export function nodeStatus(input: NodeStatusInput): NodeStatus {
  const { machine, maxPods, addresses, kubeletPort, reservations } = input;
  const capacity = { ...machineCapacity(machine), pods: String(maxPods) };
  return {
    capacity,
    allocatable: allocatable(capacity, reservations),
    conditions: nodeConditions(input),
    addresses: [
      { type: 'InternalIP', address: addresses.nodeIp },
      { type: 'Hostname', address: addresses.hostname },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    nodeInfo: { ...machine.systemInfo, containerRuntimeVersion: input.runtimeVersion },
    images: [...input.images],
    runtimeHandlers: input.runtimeHandlers.map(({ name, features: { recursiveReadOnlyMounts, userNamespaces } }) => ({ name, features: { recursiveReadOnlyMounts, userNamespaces } })),
    ...(input.features && { features: { supplementalGroupsPolicy: input.features.supplementalGroupsPolicy } }),
  };
}

/** What the machine has, for a node's status. */
export function machineCapacity({ cpuMilli, ephemeralStorageBytes, memoryBytes }: MachineInfo) {
  return { cpu: (cpuMilli / 1000n).toString(), 'ephemeral-storage': `${ephemeralStorageBytes / 1024n}Ki`, memory: `${memoryBytes / 1024n}Ki` };
}

type Verdict = Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>;

function nodeConditions({ pressure, problem, known, nowMs }: NodeStatusInput): NodeCondition[] {
  const verdicts: Verdict[] = [
    underPressure('MemoryPressure', pressure.includes('MemoryPressure'), 'InsufficientMemory', 'kubelet has insufficient memory available', 'SufficientMemory', 'kubelet has sufficient memory available'),
    underPressure('DiskPressure', pressure.includes('DiskPressure'), 'DiskPressure', 'kubelet has disk pressure', 'NoDiskPressure', 'kubelet has no disk pressure'),
    underPressure('PIDPressure', pressure.includes('PIDPressure'), 'InsufficientPID', 'kubelet has insufficient PID available', 'SufficientPID', 'kubelet has sufficient PID available'),
    problem === undefined
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: problem },
  ];
  const now = formatTime(new Date(nowMs));
  return verdicts.map((verdict) => {
    const before = known.find(({ type }) => type === verdict.type);
    const lastTransitionTime = before?.status === verdict.status ? (before.lastTransitionTime ?? now) : now;
    return { ...verdict, lastHeartbeatTime: now, lastTransitionTime };
  });
}

function underPressure(type: string, bad: boolean, badReason: string, badMessage: string, goodReason: string, goodMessage: string): Verdict {
  return bad
    ? { type, status: 'True', reason: `KubeletHas${badReason}`, message: badMessage }
    : { type, status: 'False', reason: `KubeletHas${goodReason}`, message: goodMessage };
}
