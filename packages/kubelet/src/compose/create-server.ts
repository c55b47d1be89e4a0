import { StreamUpgrader } from '@podling/cri/streaming';
import { parseDurationMs } from '@podling/shared/util';
import { runningPartOf } from '../runtime/runtime.ts';
import { accessFilter } from '../server/access.ts';
import { healthChecks } from '../server/health.ts';
import { ApiserverReviews } from '../server/reviews.ts';
import { createRoutes, type RoutesOptions } from '../server/routes.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';
import type { StatsParts } from './create-stats.ts';

/** What the kubelet answers over HTTP. */
export function createServerParts(core: Core, { pods, statuses, state, statusOf }: BaseParts, { stats, readCadvisor }: StatsParts, metrics: Pick<RoutesOptions, 'probeMetrics' | 'furtherMetrics'>) {
  const { config, runtime, clock, logger, machine } = core;
  const health = healthChecks(() => state.runtimeProblem(), clock);
  const routes = createRoutes({
    pods, statusOf, runtime, stats, readCadvisor, machine, clock, logger, health, ...metrics,
    access: createAccess(core),
    streams: createStreams(core),
    nodeName: config.nodeName, configuration: config.configuration, enableDebuggingHandlers: config.enableDebuggingHandlers,
    listRunningPods: async () => (await statuses.listPods()).flatMap(runningPartOf),
  });
  return { routes, health };
}

function createStreams({ config, clock, logger }: Core): StreamUpgrader {
  const idleTimeoutMs = parseDurationMs(config.configuration.streamingConnectionIdleTimeout);
  return new StreamUpgrader({ clock, logger, startFailureExits: true, ...(idleTimeoutMs === 0 ? {} : { idleTimeoutMs }) });
}

function createAccess({ config, client, clock, logger }: Core) {
  if (config.clientCaFile === undefined) return passLoopback;
  return accessFilter({
    reviews: new ApiserverReviews({ client, nodeName: config.nodeName, ttls: config.reviewTtls, clock }),
    acceptsTokens: config.authenticationTokenWebhook, authorizationMode: config.authorizationMode, logger,
  });
}

/** Development only: `readTls` has seen to it that nobody outside can reach the port. */
function passLoopback(_request: unknown, _response: unknown, next: () => void): void {
  next();
}
