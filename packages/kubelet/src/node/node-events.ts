import type { NodeCondition, NodeStatus } from '@podling/shared/api';

/** An Event about the node. */
export interface NodeEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/** What each condition is called when it begins to hold, and when it begins not to. */
const reasons: Readonly<Record<string, [holds: string, holdsNot: string]>> = {
  Ready: ['NodeReady', 'NodeNotReady'],
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
};

/** What there is to tell of the step from one status to the next; pure. Upstream twin: the `recordEventFunc` of nodestatus' setters. */
export function nodeEvents(nodeName: string, before: NodeStatus, after: NodeStatus): NodeEvent[] {
  const transitions = (after.conditions ?? []).flatMap((condition) => transition(nodeName, before.conditions?.find(({ type }) => type === condition.type), condition));
  const [bootID, oldBootID] = [after.nodeInfo?.bootID ?? '', before.nodeInfo?.bootID ?? ''];
  if (oldBootID === '' || oldBootID === bootID) return transitions;
  return [{ type: 'Warning', reason: 'Rebooted', message: `Node ${nodeName} has been rebooted, boot id: ${bootID}` }, ...transitions];
}

function transition(nodeName: string, before: NodeCondition | undefined, after: NodeCondition): NodeEvent[] {
  const [holds, holdsNot] = reasons[after.type] ?? [];
  const reason = after.status === 'True' ? holds : holdsNot;
  // A node that is new has not become ready or not ready.
  const isNews = before === undefined ? after.type !== 'Ready' : before.status !== after.status;
  return isNews && reason !== undefined ? [{ type: 'Normal', reason, message: `Node ${nodeName} status is now: ${reason}` }] : [];
}
