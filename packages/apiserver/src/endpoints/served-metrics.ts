import { nodeMetricsKind, podMetricsKind } from '@podling/shared/scheme';
import type { KindInfo } from '@podling/shared/scheme';
import type { InstalledResources } from '../registry/installed-resources.ts';
import type { EndpointServices, ServedResource } from './endpoint.ts';
import { metricsHandlers } from './handlers/resource-metrics.ts';

/** metrics.k8s.io: computed for who reads. */
export function serveMetrics(resources: InstalledResources, services: EndpointServices): ServedResource[] {
  const { nodes, pods } = metricsHandlers(resources, services);
  return [
    { info: nodeMetricsKind as unknown as KindInfo, handlers: nodes, subresources: [] },
    { info: podMetricsKind as unknown as KindInfo, handlers: pods, subresources: [] },
  ];
}
