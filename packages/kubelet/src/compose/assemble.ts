import { createPodSources } from '../config/pod-sources.ts';
import { admitUnderPressure } from '../eviction/admit-under-pressure.ts';
import { Housekeeping } from '../housekeeping.ts';
import { PodWorkers } from '../pod/pod-workers.ts';
import { ProbeManager } from '../prober/probe-manager.ts';
import { createBaseParts } from './base-parts.ts';
import type { Core } from './core.ts';
import { createEviction } from './create-eviction.ts';
import { createNodeManager } from './create-node.ts';
import { createPleg } from './create-pleg.ts';
import { createServerParts } from './create-server.ts';
import { createShutdown } from './create-shutdown.ts';
import { createStats } from './create-stats.ts';
import { preemptPod } from './create-preemption.ts';
import { createSyncPod } from './create-sync-pod.ts';

export type Parts = Awaited<ReturnType<typeof assemble>>;

/** All parts of a kubelet, each knowing those it calls; none of them has begun. */
export async function assemble(core: Core) {
  const { config, client, runtime, clock, logger, paths } = core;
  const base = createBaseParts(core);
  const { pods, statuses, recorder, events, state, statusManager } = base;
  const wake = (uid: string): void => workers.runtimeChanged(uid);
  const node = createNodeManager(core, base, { problem: () => shutdown.problem(), pressure: () => eviction.manager.conditions() });
  const probes = new ProbeManager({ runtime, events, clock, statusOf: (uid) => statusManager.get(uid), onVerdict: wake });
  const { syncer, volumes, containerManager } = await createSyncPod(core, base, node.manager, probes, {
    wake, onForgotten: (uid) => sources.forgetPod(uid), refusal: (pod) => admitUnderPressure(pod, eviction.manager.conditions()) ?? shutdown.rejection(),
    preempt: (pod) => preemptPod(core, base, workers, pod), hasEnded: (uid) => workers.hasEnded(uid),
  });
  const workers = new PodWorkers({ syncer, clock, logger });
  const sources = createPodSources({
    config, client, pods, workers, node: node.manager, recorder, clock, logger,
    observe: (pod, uid) => statusManager.observe(pod, uid),
  });
  const stats = createStats(core, base);
  const eviction = createEviction(core, base, { stats: stats.stats, workers, onConditions: () => node.manager.soon() });
  const shutdown = createShutdown(core, base, workers, node.manager);
  const housekeeping = new Housekeeping({ statuses, pods, workers, paths, clock, logger, cgroups: containerManager.cgroups, tearDownVolumes: (uid) => syncer.tearDownVolumes(uid) });
  const onChange = (uid: string): void => {
    if (!workers.has(uid)) return housekeeping.soon();
    statuses.invalidate(uid);
    wake(uid);
  };
  const { pleg, problem, metrics } = createPleg(core, statuses, { onChange, onBack: () => workers.retryFailed() });
  state.addHealthCheck('PLEG', problem);
  const { routes, health } = createServerParts(core, base, stats, { probeMetrics: () => probes.metrics.families(), furtherMetrics: () => [...metrics.families(), ...eviction.metrics()] });
  return { ...base, node, probes, syncer, volumes, containerManager, workers, sources, eviction, shutdown, housekeeping, pleg, routes, health };
}
