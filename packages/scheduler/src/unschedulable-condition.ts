import { formatTime } from '@podling/shared/api';
import type { Pod, PodCondition } from '@podling/shared/api';

/** The condition PodScheduled=False as it should be; undefined when the pod says so already. */
export function unschedulableCondition(pod: Pod, message: string, nowMs: number): PodCondition | undefined {
  const present = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (present?.status === 'False' && present.reason === 'Unschedulable' && present.message === message) return undefined;
  const since = present?.status === 'False' ? present.lastTransitionTime : undefined;
  return {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastTransitionTime: since ?? formatTime(new Date(nowMs)),
  };
}
