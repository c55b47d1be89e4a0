import type { Pod } from '@podling/shared/api';

export const schedulerName = 'default-scheduler';

/** Whether the pod waits for a node from this scheduler: not placed, not ending, not gated, not another scheduler's. */
export function needsScheduling({ metadata, spec, status }: Pod): boolean {
  return (
    !spec.nodeName &&
    metadata.deletionTimestamp === undefined &&
    (spec.schedulingGates ?? []).length === 0 &&
    (spec.schedulerName ?? schedulerName) === schedulerName &&
    status?.phase !== 'Failed' &&
    status?.phase !== 'Succeeded'
  );
}
