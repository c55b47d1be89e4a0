import { assemble, type Parts } from './compose/assemble.ts';
import { closeCore, createCore, type Core, type KubeletDeps } from './compose/core.ts';
import { createLease } from './compose/create-node.ts';
import { createLogind } from './compose/create-shutdown.ts';
import { readTls } from './compose/read-tls.ts';
import type { KubeletConfig } from './config.ts';
import { startKubeletServers } from './server/kubelet-servers.ts';
import type { RunningServer } from './server/server.ts';

export type { KubeletDeps };

export interface RunningKubelet {
  /** Where the HTTPS server listens. */
  port: number;
  /** The machine goes down: pods end in their order; resolves when it may. A plain `stop` leaves them alone. */
  shutDownNode(): Promise<void>;
  /** Ends the kubelet; its containers go on. */
  stop(): Promise<void>;
}

/** How long pods wait for the first list of services before their containers are told that it is not there. */
const servicesPatienceMs = 5_000;

/**
 * The composition root: the order in which the parts that `compose` has put together begin and end.
 *
 *     apiserver-source ─┐
 *     PLEG ─────────────┼─► pod workers ─► sync-pod ─► volumes, runtime manager ─► status manager ─► apiserver
 *     timers ───────────┘
 *
 * Resolves when the server listens and all loops run; the apiserver need not be there yet.
 */
export async function startKubelet(config: KubeletConfig, deps: KubeletDeps = {}): Promise<RunningKubelet> {
  const tls = await readTls(config);
  const core = await createCore(config, deps);
  const { logger, clock } = core;
  for (const field of config.warnings) logger.warn({ field, file: config.configFile }, 'this kubelet does not act on a field of its configuration');
  const parts = await assemble(core);
  const server = await startKubeletServers({ config, tls, routes: parts.routes, health: parts.health, clock, logger });
  return run(core, parts, server);
}

function run(core: Core, parts: Parts, server: RunningServer): RunningKubelet {
  const { sources, shutdown, recorder, statusManager, services, node, syncer, volumes, containerManager, eviction, workers, probes, housekeeping, pleg } = parts;
  node.setPort(server.port);
  const lease = createLease(core, node.manager);
  const logind = createLogind(core, shutdown);
  for (const part of [node.manager, lease, pleg, eviction.manager, eviction.imageGc, eviction.logs, logind]) part?.start();
  const ending = new AbortController();
  startSources(core, parts, ending.signal);
  core.logger.info({ node: core.config.nodeName, port: server.port }, 'kubelet started');
  return {
    port: server.port,
    shutDownNode: () => shutdown.begin(),
    async stop() {
      ending.abort(new Error('the kubelet stops'));
      await Promise.all([logind?.stop(), shutdown.stop()]);
      probes.stop();
      await Promise.all([server, sources, services, pleg, housekeeping].map((part) => part.stop()));
      await workers.stop();
      syncer.stop();
      await Promise.all([volumes, containerManager, eviction.manager, eviction.imageGc, eviction.logs, lease, node.manager].map(async (part) => part?.stop()));
      statusManager.stop();
      await recorder.stop();
      await closeCore(core);
    },
  };
}

/** Pods come in when the runtime's state and the services are known; what no source names is cleared away after that. */
function startSources({ clock }: Core, { state, services, sources, housekeeping, containerManager }: Parts, ending: AbortSignal): void {
  const servicesRead = Promise.race([services.start(ending), clock.sleep(servicesPatienceMs, ending)]);
  const sourcesReady = Promise.allSettled([state.refresh(), servicesRead]).then(() => {
    if (!ending.aborted) sources.start();
    return sources.ready(ending);
  });
  sourcesReady.then(() => [housekeeping, containerManager.cpus].forEach((part) => part.start()), () => undefined);
}
