import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { newStatusError } from '@podling/shared/api';
import { apiVersionOf } from '@podling/shared/scheme';
import type { InstalledResources } from '../registry/installed-resources.ts';
import type { Endpoint, EndpointServices, Handler } from './endpoint.ts';
import { handleBinding } from './handlers/binding.ts';
import { handleCreate } from './handlers/create.ts';
import { handleDelete, handleDeleteCollection } from './handlers/delete.ts';
import { handleGet } from './handlers/get.ts';
import { handleList } from './handlers/list.ts';
import { logHandler } from './handlers/log.ts';
import { handleNodeProxy } from './handlers/node-proxy.ts';
import { handlePatch } from './handlers/patch.ts';
import { handleUpdate } from './handlers/update.ts';
import type { RequestContext } from './request-context.ts';
import { contextOf } from './request-context.ts';
import { handleWatchChunked } from './watch-chunked.ts';

type Verbs = Record<string, Handler>;

const collectionVerbs: Verbs = { list: handleList, watch: handleWatchChunked, create: handleCreate, deletecollection: handleDeleteCollection };
const objectVerbs: Verbs = { get: handleGet, watch: handleWatchChunked, update: handleUpdate, patch: handlePatch, delete: handleDelete };
const statusVerbs: Verbs = { get: handleGet, update: handleUpdate, patch: handlePatch };

function methodNotAllowed(): Error {
  return newStatusError({ code: 405, reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource', details: {} });
}

/** Picks the handler of the request's verb; a path without one for it is 405. */
function byVerb(endpoint: Endpoint, verbs: Verbs): RequestHandler {
  return async (request: Request, response: Response) => {
    const { verb } = contextOf(request).info;
    const handler = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (!handler) throw methodNotAllowed();
    await handler(endpoint, request, response);
  };
}

function rootOf({ group, version }: Endpoint['info']): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

function installResource(router: Router, endpoint: Endpoint): void {
  const { info, status } = endpoint;
  const served = (verbs: Verbs): Verbs => Object.fromEntries(Object.entries(verbs).filter(([verb]) => endpoint.verbs.includes(verb)));
  const root = rootOf(info);
  const collection = info.namespaced ? `${root}/namespaces/:namespace/${info.resource}` : `${root}/${info.resource}`;
  if (info.namespaced) router.all(`${root}/${info.resource}`, byVerb(endpoint, served(collectionVerbs)));
  router.all(collection, byVerb(endpoint, served(collectionVerbs)));
  router.all(`${collection}/:name`, byVerb(endpoint, served(objectVerbs)));
  if (status) router.all(`${collection}/:name/status`, byVerb(endpoint, statusVerbs));
}

export interface InstalledEndpoints {
  router: Router;
  /** The endpoint of a resource request that comes as an upgrade. Throws 404. */
  endpointFor(context: RequestContext): Endpoint;
}

/** Makes the routes of all served resources. Upstream twin: apiserver's `APIInstaller`. */
export function installEndpoints(resources: InstalledResources, services: EndpointServices): InstalledEndpoints {
  const router = Router({ strict: false, caseSensitive: true });
  const endpoints = new Map(resources.all.map((resource) => {
    const endpoint: Endpoint = { ...resource, services };
    return [`${apiVersionOf(resource.info)}/${resource.info.resource}`, endpoint];
  }));
  for (const endpoint of endpoints.values()) installResource(router, endpoint);
  const pods = endpoints.get('v1/pods');
  const nodes = endpoints.get('v1/nodes');
  if (pods) {
    router.all('/api/v1/namespaces/:namespace/pods/:name/binding', byVerb(pods, { create: handleBinding }));
    router.all('/api/v1/namespaces/:namespace/pods/:name/log', byVerb(pods, { get: logHandler(resources.nodes) }));
  }
  if (nodes) router.all(['/api/v1/nodes/:name/proxy', '/api/v1/nodes/:name/proxy/*tail'], byVerb(nodes, { get: handleNodeProxy }));
  return {
    router,
    endpointFor({ info }) {
      const endpoint = endpoints.get(`${apiVersionOf(info)}/${info.resource}`);
      if (endpoint && info.subresource === '') return endpoint;
      throw newStatusError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });
    },
  };
}
