import express from 'express';
import type { Express } from 'express';
import type { IssuerDocuments } from '../authentication/service-account/discovery-document.ts';
import { answering, installDiscovery } from './discovery/discovery-routes.ts';
import type { ServedResource } from './endpoint.ts';
import { filterChain } from './filters/chain.ts';
import type { FilterParts } from './filters/chain.ts';
import { errorFilter, notFoundFilter } from './filters/errors.ts';
import { healthHandler } from './health.ts';
import type { HealthCheck } from './health.ts';
import { installIssuer, issuerPaths } from './issuer-routes.ts';
import type { Metrics } from './metrics.ts';
import { dispatcher } from './installer.ts';
import { installOpenApi } from './openapi/openapi-routes.ts';
import { versionInfo } from './version.ts';

export interface ApiHandlerOptions {
  filters: FilterParts;
  served: readonly ServedResource[];
  livez: readonly HealthCheck[];
  readyz: readonly HealthCheck[];
  /** Of service account tokens. */
  issuer: IssuerDocuments;
}

function installPages(app: Express, { livez, readyz }: ApiHandlerOptions, metrics: Metrics): void {
  const paths = ['/livez', '/readyz', '/healthz'] as const;
  for (const path of paths) app.get([path, `${path}/*check`], healthHandler(path.slice(1), path === '/readyz' ? readyz : livez));
  app.get('/version', answering(() => versionInfo));
  app.get('/metrics', async (_request, response) => {
    const text = await metrics.text();
    response.writeHead(200, { 'Content-Type': metrics.contentType });
    response.end(text);
  });
}

/** `/`: what there is beside the resources themselves. */
function installIndex(app: Express, { livez, readyz }: ApiHandlerOptions, paths: readonly string[]): void {
  const checks = [['/livez', livez], ['/readyz', readyz], ['/healthz', livez]] as const;
  const health = checks.flatMap(([root, list]) => [root, ...list.map(({ name }) => `${root}/${name}`)]);
  const all = new Set([...paths, ...health, ...issuerPaths, '/metrics', '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/version']);
  app.get('/', answering(() => ({ paths: [...all].toSorted() })));
}

/**
 * There are no custom resources, and kubectl asks: before it creates what cannot be patched, such as a review, it looks
 * whether the kind is a custom one. Only the list is there; discovery does not name it.
 */
function installCustomResources(app: Express): void {
  const list = { kind: 'CustomResourceDefinitionList', apiVersion: 'apiextensions.k8s.io/v1', metadata: { resourceVersion: '0' }, items: [] };
  app.get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', answering(() => list));
}

/** The whole HTTP side of one listener: filters in their order, then what is asked for. */
export function createApiHandler(options: ApiHandlerOptions): Express {
  const { filters, served } = options;
  const app = express();
  app.disable('etag').disable('x-powered-by').set('query parser', false);
  app.set('case sensitive routing', true);
  for (const [, filter] of filterChain(filters)) app.use(filter);
  installCustomResources(app);
  app.use(dispatcher(served));
  installIndex(app, options, installDiscovery(app, served));
  installOpenApi(app, served);
  installPages(app, options, filters.metrics);
  installIssuer(app, options.issuer);
  app.use(notFoundFilter);
  app.use(errorFilter(filters.logger));
  return app;
}
