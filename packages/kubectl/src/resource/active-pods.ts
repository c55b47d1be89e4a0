import type { Pod } from '@podling/shared/api';

const phases: Record<string, number> = { Unknown: 1, Running: 2 };

const readiness = ({ status }: Pod) => status?.conditions?.find(({ type, status: is }) => type === 'Ready' && is === 'True');
const timeOf = (time: string | null | undefined): number => (time === undefined || time === null ? Number.POSITIVE_INFINITY : Date.parse(time));
const restarts = ({ status }: Pod): number => Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));

/** What speaks for a pod, the weightiest first; the larger the better. */
function merits(pod: Pod): number[] {
  const ready = readiness(pod);
  return [
    pod.spec.nodeName === undefined ? 0 : 1,
    phases[pod.status?.phase ?? ''] ?? 0,
    ready === undefined ? 0 : 1,
    pod.metadata.deletionTimestamp === undefined ? 1 : 0,
    ready === undefined ? 0 : -timeOf(ready.lastTransitionTime),
    -restarts(pod),
    -timeOf(pod.metadata.creationTimestamp),
  ];
}

/** The pod that is most likely to serve: running, ready, for the longest time. */
export function mostActive(pods: readonly Pod[]): Pod | undefined {
  return pods.map((pod) => ({ pod, merits: merits(pod) })).toSorted((a, b) => difference(b.merits, a.merits))[0]?.pod;
}

/** As the pods are preferred whose logs are read: running, ready for long, often restarted. */
export function byLogging(pods: readonly Pod[]): Pod[] {
  return pods.map((pod) => ({ pod, merits: logMerits(pod) })).toSorted((a, b) => difference(b.merits, a.merits)).map(({ pod }) => pod);
}

const loggingPhases: Record<string, number> = { Pending: -2, Unknown: -1 };

function logMerits(pod: Pod): number[] {
  const ready = readiness(pod);
  return [
    pod.spec.nodeName === undefined ? 0 : 1,
    loggingPhases[pod.status?.phase ?? ''] ?? 0,
    ready === undefined ? 0 : 1,
    ready === undefined ? 0 : -timeOf(ready.lastTransitionTime),
    restarts(pod),
    -timeOf(pod.metadata.creationTimestamp),
  ];
}

function difference(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((merit, i) => merit !== b[i]);
  return index < 0 ? 0 : Math.sign((a[index] ?? 0) - (b[index] ?? 0)) || 0;
}
