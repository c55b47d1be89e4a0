import { keyOf, type Pod, type PodStatus } from '@podling/shared/api';
import { createEventRecorder, type EventRecorder } from '@podling/shared/events';
import { RuntimeState } from '../node/runtime-state.ts';
import { ServiceLister } from '../objects/service-lister.ts';
import { createPodEvents, type PodEvents } from '../pod-events.ts';
import { Evictions } from '../pod/evictions.ts';
import { PodManager } from '../pod/pod-manager.ts';
import { StatusCache } from '../runtime/status-cache.ts';
import { TerminationMessages } from '../runtime/termination-message.ts';
import { isTerminalPhase } from '../status/phase.ts';
import { StatusManager } from '../status/status-manager.ts';
import type { Core } from './core.ts';

/** Parts that need no other part but each other: what the kubelet knows and where it says it. */
export interface BaseParts {
  pods: PodManager;
  statuses: StatusCache;
  recorder: EventRecorder;
  events: PodEvents;
  state: RuntimeState;
  statusManager: StatusManager;
  services: ServiceLister;
  evictions: Evictions;
  /** The newest status the kubelet has made for the pod, else the one it came with. */
  statusOf: (pod: Pod) => PodStatus;
  /** Pods that have not come to their end. */
  activePods: () => Pod[];
}

export function createBaseParts({ config, deps, client, runtime, clock, logger, paths }: Core): BaseParts {
  const pods = new PodManager();
  const recorder = createEventRecorder({ client, component: 'kubelet', host: config.nodeName, clock, logger, lingerMs: deps.eventLingerMs ?? 0 });
  const statusManager = new StatusManager({ client, clock, logger, podByUid: (uid) => pods.get(uid), mirrorOf: (pod) => pods.mirrorByKey(keyOf(pod)) });
  const statusOf = (pod: Pod): PodStatus => statusManager.get(pod.metadata.uid ?? '') ?? pod.status ?? {};
  return {
    pods, recorder, statusManager, statusOf,
    statuses: new StatusCache(runtime, new TerminationMessages({ paths, clock })),
    events: createPodEvents(recorder),
    state: new RuntimeState({ runtime, ...(config.subnetFile === undefined ? {} : { subnetFile: config.subnetFile }) }),
    services: new ServiceLister({ client, clock, logger }),
    evictions: new Evictions(),
    activePods: () => pods.list().filter((pod) => !isTerminalPhase(statusOf(pod).phase)),
  };
}
