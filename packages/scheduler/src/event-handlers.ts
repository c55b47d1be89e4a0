import { isDeepStrictEqual } from 'node:util';
import { uidOf } from '@podling/shared/api';
import type { Node, Pod } from '@podling/shared/api';
import type { EventHandler } from '@podling/shared/informer';
import type { SchedulerCache } from './cache/scheduler-cache.ts';
import type { ClusterEvent } from './framework/framework.ts';
import { needsScheduling } from './needs-scheduling.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';

interface Targets {
  cache: SchedulerCache;
  queue: SchedulingQueue;
}

/** Keeps cache and queue in step with the pods of the server. */
export function podEventHandler({ cache, queue }: Targets): EventHandler<Pod> {
  const leave = (pod: Pod): void => {
    const uid = uidOf(pod);
    queue.delete(uid);
    if (cache.removePod(uid)) queue.moveAll('AssignedPodDeleted');
  };
  const enter = (pod: Pod): void => {
    queue.delete(uidOf(pod));
    cache.setPod(pod);
  };
  const see = (pod: Pod, old: Pod | undefined): void => {
    if (hasEnded(pod)) {
      if (old === undefined || !hasEnded(old)) leave(pod);
    } else if (pod.spec.nodeName) enter(pod);
    else if (!needsScheduling(pod)) queue.delete(uidOf(pod));
    else if (cache.isAssumed(uidOf(pod))) return;
    else if (old === undefined || isChanged(old, pod) || !queue.refresh(pod)) queue.add(pod);
  };
  return {
    onAdd: (pod) => see(pod, undefined),
    onUpdate: (old, pod) => see(pod, old),
    onDelete: leave,
  };
}

/** A pod that has ended holds nothing of its node any more. */
function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** A change by a user; the scheduler's own conditions and other status do not count. */
function isChanged(old: Pod, pod: Pod): boolean {
  return !isDeepStrictEqual(old.spec, pod.spec) || !isDeepStrictEqual(old.metadata.labels, pod.metadata.labels);
}

/** Keeps the cache in step with the nodes, and tells the queue what may help its pods. */
export function nodeEventHandler({ cache, queue }: Targets): EventHandler<Node> {
  return {
    onAdd(node) {
      cache.setNode(node);
      queue.moveAll('NodeAdded');
    },
    onUpdate(old, node) {
      cache.setNode(node);
      for (const event of nodeChanges(old, node)) queue.moveAll(event);
    },
    onDelete: (node) => cache.removeNode(node.metadata.name),
  };
}

function nodeChanges(old: Node, node: Node): ClusterEvent[] {
  const changes: [ClusterEvent, unknown, unknown][] = [
    ['NodeAllocatableChanged', old.status?.allocatable, node.status?.allocatable],
    ['NodeLabelsChanged', old.metadata.labels, node.metadata.labels],
    ['NodeTaintsChanged', old.spec?.taints ?? [], node.spec?.taints ?? []],
    ['NodeUnschedulableChanged', old.spec?.unschedulable ?? false, node.spec?.unschedulable ?? false],
  ];
  return changes.filter(([, before, after]) => !isDeepStrictEqual(before, after)).map(([event]) => event);
}
