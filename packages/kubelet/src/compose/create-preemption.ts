import { uidOf, type Pod } from '@podling/shared/api';
import type { PodWorkers } from '../pod/pod-workers.ts';
import { gracePeriodOf } from '../runtime/pod-killer.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';

const preempted = { reason: 'Preempting', message: 'Preempted in order to admit critical pod' };

/** Within its own grace period; one that ends anyway ends as it would. */
export function preemptPod({ clock }: Core, { evictions, events }: BaseParts, workers: PodWorkers, pod: Pod): void {
  const gracePeriodSeconds = gracePeriodOf(pod, undefined);
  if (!evictions.disrupt(pod, preempted, gracePeriodSeconds, clock.now(), 'Pod was preempted by Kubelet to accommodate a critical pod.')) return;
  events.pod(pod, 'Warning', preempted.reason, preempted.message);
  workers.interrupt(uidOf(pod), gracePeriodSeconds);
}
