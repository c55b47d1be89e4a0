import express from 'express';
import type { Express, RequestHandler } from 'express';
import { Discovery } from './discovery.ts';
import type { ServedResource } from './endpoint.ts';
import { filterChain } from './filters/chain.ts';
import type { FilterParts } from './filters/chain.ts';
import { errorFilter, notFoundFilter } from './filters/errors.ts';
import { healthHandler } from './health.ts';
import type { HealthCheck } from './health.ts';
import type { Metrics } from './metrics.ts';
import { dispatcher } from './installer.ts';
import { negotiate } from './negotiate.ts';
import { installOpenApi } from './openapi/openapi-routes.ts';
import { contextOf } from './request-context.ts';
import { versionInfo } from './version.ts';
import { writeObject } from './write-response.ts';

export interface ApiHandlerOptions {
  filters: FilterParts;
  served: readonly ServedResource[];
  livez: readonly HealthCheck[];
  readyz: readonly HealthCheck[];
}

/** Answers with what `make` gives; undefined falls through to 404. */
function answering(make: (path: string, as: 'object' | 'APIGroupDiscoveryList') => object | undefined): RequestHandler {
  return async (request, response, next) => {
    const { encoding, as } = negotiate(request.headers.accept, ['APIGroupDiscoveryList', 'object']);
    const aggregated = as === 'APIGroupDiscoveryList';
    const body = make(contextOf(request).info.path, aggregated ? as : 'object');
    if (body === undefined) return next();
    await writeObject({ request, response, code: 200, encoding, ...(aggregated ? { contentType: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' } : {}) }, body);
  };
}

function installDiscovery(app: Express, served: readonly ServedResource[]): void {
  const discovery = new Discovery(served);
  const segments = (path: string): string[] => path.split('/').filter((part) => part !== '');
  app.get('/api', answering((_path, as) => (as === 'object' ? discovery.apiVersions() : discovery.aggregated(true))));
  app.get('/apis', answering((_path, as) => (as === 'object' ? discovery.groupList() : discovery.aggregated(false))));
  app.get('/api/:version', answering((path, as) => (as === 'object' ? discovery.resources('', segments(path)[1] ?? '') : undefined)));
  app.get('/apis/:group', answering((path) => discovery.group(segments(path)[1] ?? '')));
  app.get('/apis/:group/:version', answering((path) => discovery.resources(segments(path)[1] ?? '', segments(path)[2] ?? '')));
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

/** The whole HTTP side of one listener: filters in their order, then what is asked for. */
export function createApiHandler(options: ApiHandlerOptions): Express {
  const { filters, served } = options;
  const app = express();
  app.disable('etag').disable('x-powered-by').set('query parser', false);
  app.set('case sensitive routing', true);
  for (const [, filter] of filterChain(filters)) app.use(filter);
  app.use(dispatcher(served));
  installDiscovery(app, served);
  installOpenApi(app, served);
  installPages(app, options, filters.metrics);
  app.use(notFoundFilter);
  app.use(errorFilter(filters.logger));
  return app;
}
