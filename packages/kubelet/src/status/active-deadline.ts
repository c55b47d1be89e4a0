import type { Pod, PodStatus } from '@podling/shared/api';

/** What becomes of a pod that has used up its `activeDeadlineSeconds`. Upstream twin: kubelet `activeDeadlineHandler`. */
export const deadlineExceeded = {
  phase: 'Failed',
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
} as const satisfies Partial<PodStatus>;

/** When the pod has been active for as long as it may; undefined while it has not begun, or for ever. */
export function activeDeadlineMs({ spec }: Pod, { startTime }: PodStatus): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || !startTime) return undefined;
  return Date.parse(startTime) + spec.activeDeadlineSeconds * 1000;
}
