import { Router } from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { newStatusError } from '@podling/shared/api';
import { apiVersionOf } from '@podling/shared/scheme';
import type { Endpoint, Handlers, ServedResource } from './endpoint.ts';
import type { RequestContext } from './request-context.ts';
import { contextOf } from './request-context.ts';

function methodNotAllowed(): Error {
  return newStatusError({ code: 405, reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource', details: {} });
}

/** Picks the handler of the request's verb; a path without one for it is 405. */
function byVerb(handlers: Handlers): RequestHandler {
  return async (request: Request, response: Response) => {
    const { verb } = contextOf(request).info;
    const handler = Object.hasOwn(handlers, verb) ? handlers[verb] : undefined;
    if (!handler) throw methodNotAllowed();
    await handler(request, response);
  };
}

/** `/api/v1` or `/apis/GROUP/VERSION`. */
export function rootPathOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

const collectionVerbs = new Set(['list', 'watch', 'create', 'deletecollection']);
const objectVerbs = new Set(['get', 'watch', 'update', 'patch', 'delete']);

function only(handlers: Handlers, verbs: ReadonlySet<string>): Handlers {
  return Object.fromEntries(Object.entries(handlers).filter(([verb]) => verbs.has(verb)));
}

function installResource(router: Router, { info, handlers, subresources }: ServedResource): void {
  const root = rootPathOf(info);
  const collection = info.namespaced ? `${root}/namespaces/:namespace/${info.resource}` : `${root}/${info.resource}`;
  const ofCollection = byVerb(only(handlers, collectionVerbs));
  router.all(info.namespaced ? [`${root}/${info.resource}`, collection] : collection, ofCollection);
  router.all(`${collection}/:name`, byVerb(only(handlers, objectVerbs)));
  for (const { name, handlers: own, hasTail } of subresources) {
    const path = `${collection}/:name/${name}`;
    router.all(hasTail ? [path, `${path}/*tail`] : path, byVerb(own));
  }
}

export interface InstalledEndpoints {
  router: Router;
  /** The endpoint of a resource request that comes as an upgrade. Throws 404. */
  endpointFor(context: RequestContext): Endpoint;
}

/** Makes the routes of all served resources. Upstream twin: apiserver's `APIInstaller`. */
export function installEndpoints(served: readonly ServedResource[]): InstalledEndpoints {
  const router = Router({ strict: false, caseSensitive: true });
  for (const resource of served) installResource(router, resource);
  const endpoints = new Map(served.map(({ info, endpoint }) => [`${apiVersionOf(info)}/${info.resource}`, endpoint]));
  return {
    router,
    endpointFor({ info }) {
      const endpoint = endpoints.get(`${apiVersionOf(info)}/${info.resource}`);
      if (endpoint && info.subresource === '') return endpoint;
      throw newStatusError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });
    },
  };
}
