import { formatTime } from '@podling/shared/api';
import type { Node, NodeCondition } from '@podling/shared/api';

const watchedTypes = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** The conditions to write for a node whose kubelet is silent; empty when they say so already. */
export function unknownConditions(node: Node, nowMs: number): NodeCondition[] {
  const present = new Map((node.status?.conditions ?? []).map((condition) => [condition.type, condition]));
  const now = formatTime(new Date(nowMs));
  return watchedTypes.flatMap((type) => {
    const condition = present.get(type);
    if (condition === undefined) return [neverPosted(type, node, now)];
    return condition.status === 'Unknown' ? [] : [stoppedPosting(condition, now)];
  });
}

function neverPosted(type: string, node: Node, now: string): NodeCondition {
  return {
    type,
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
    lastHeartbeatTime: node.metadata.creationTimestamp ?? now,
    lastTransitionTime: now,
  };
}

function stoppedPosting(condition: NodeCondition, now: string): NodeCondition {
  return {
    ...condition,
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastTransitionTime: now,
  };
}
