import { runningPartOf } from '../runtime/runtime.ts';
import { accessFilter } from '../server/access.ts';
import { healthChecks } from '../server/health.ts';
import { ApiserverReviews } from '../server/reviews.ts';
import type { MetricFamily } from '../server/prometheus-text.ts';
import { createRoutes } from '../server/routes.ts';
import { StatsProvider } from '../stats/stats-provider.ts';
import type { BaseParts } from './base-parts.ts';
import type { Core } from './core.ts';

/** What node and pods use. */
export function createStats({ config, runtime, clock }: Core, { pods, statusOf }: BaseParts): StatsProvider {
  return new StatsProvider({ runtime, listPods: () => pods.list().map((pod) => ({ ...pod, status: statusOf(pod) })), nodeName: config.nodeName, clock });
}

/** What the kubelet answers over HTTP. */
export function createServerParts(core: Core, { pods, statuses, state, statusOf }: BaseParts, stats: StatsProvider, furtherMetrics: () => MetricFamily[]) {
  const { config, runtime, clock, logger } = core;
  const health = healthChecks(() => state.runtimeProblem(), clock);
  const routes = createRoutes({
    pods, statusOf, runtime, stats, clock, logger, health,
    access: createAccess(core),
    nodeName: config.nodeName, configuration: config.configuration, enableDebuggingHandlers: config.enableDebuggingHandlers,
    listRunningPods: async () => (await statuses.listPods()).flatMap(runningPartOf),
    furtherMetrics,
  });
  return { routes, health };
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
