import { uidOf } from '@podling/shared/api';
import { createPodSources } from '../config/pod-sources.ts';
import { execText } from '../exec.ts';
import { Housekeeping } from '../housekeeping.ts';
import { PodWorkers } from '../pod/pod-workers.ts';
import { ProbeManager } from '../prober/probe-manager.ts';
import { EmptyDirLimits } from '../volumes/empty-dir-limits.ts';
import { createBaseParts, type BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';
import { createNodeManager } from './create-node.ts';
import { createPleg } from './create-pleg.ts';
import { createServerParts } from './create-server.ts';
import { createShutdown } from './create-shutdown.ts';
import { createSyncPod } from './create-sync-pod.ts';

export type Parts = Awaited<ReturnType<typeof assemble>>;

/** All parts of a kubelet, each knowing those it calls; none of them has begun. */
export async function assemble(core: Core) {
  const { config, client, runtime, clock, logger, paths } = core;
  const base = createBaseParts(core);
  const { pods, statuses, recorder, events, state, statusManager } = base;
  const wake = (uid: string): void => workers.runtimeChanged(uid);
  const node = createNodeManager(core, state, () => shutdown.problem());
  const probes = new ProbeManager({ runtime, events, clock, statusOf: (uid) => statusManager.get(uid), onVerdict: wake });
  const { syncer, volumes } = await createSyncPod(core, base, node.manager, probes, {
    wake, onForgotten: (uid) => sources.forgetPod(uid), refusal: () => shutdown.rejection(),
  });
  const workers = new PodWorkers({ syncer, clock, logger });
  const sources = createPodSources({
    config, client, pods, workers, node: node.manager, recorder, clock, logger,
    observe: (pod, uid) => statusManager.observe(pod, uid),
  });
  const limits = createEmptyDirLimits(core, base, wake);
  const shutdown = createShutdown(core, base, workers, node.manager);
  const housekeeping = new Housekeeping({ statuses, pods, workers, paths, clock, logger, tearDownVolumes: (uid) => syncer.tearDownVolumes(uid) });
  const onChange = (uid: string): void => {
    if (!workers.has(uid)) return housekeeping.soon();
    statuses.invalidate(uid);
    wake(uid);
  };
  const { pleg, problem, metrics } = createPleg(core, statuses, { onChange, onBack: () => workers.retryFailed() });
  state.addHealthCheck('PLEG', problem);
  const { routes, health } = createServerParts(core, base, metrics);
  return { ...base, node, probes, syncer, volumes, workers, sources, limits, shutdown, housekeeping, pleg, routes, health };
}

function createEmptyDirLimits({ paths, clock, logger }: Core, { evictions, activePods }: BaseParts, wake: (uid: string) => void): EmptyDirLimits {
  return new EmptyDirLimits({
    paths, execText, clock, logger,
    listPods: () => activePods().filter((pod) => pod.metadata.deletionTimestamp === undefined),
    onExceeded: (pod, message) => {
      evictions.evict(pod, message);
      wake(uidOf(pod));
    },
  });
}
