import type { Request, RequestHandler, Response } from 'express';
import { newBadRequest, newStatusError } from '@podling/shared/api';
import { isUpgrade } from '@podling/shared/upgrade';
import type { Handlers, ServedResource, ServedSubresource } from './endpoint.ts';
import { contextOf } from './request-context.ts';
import type { RequestInfo } from './request-info.ts';

const collectionVerbs = new Set(['list', 'watch', 'create', 'deletecollection']);
const objectVerbs = new Set(['get', 'watch', 'update', 'patch', 'delete']);

export function newPathNotFound(): Error {
  return newStatusError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });
}

export function newMethodNotAllowed(): Error {
  return newStatusError({ code: 405, reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource', details: {} });
}

/** A namespaced resource without a namespace is a list of all of them, if it has lists; a cluster-scoped one is in none, a namespace in itself. */
function isPlaced({ info: { namespaced, kind }, handlers }: ServedResource, { namespace, name }: RequestInfo): boolean {
  if (!namespaced) return namespace === (kind === 'Namespace' ? name : '');
  return namespace !== '' || (name === '' && handlers['list'] !== undefined);
}

function subresourceOf({ subresources }: ServedResource, { subresource, tail }: RequestInfo): ServedSubresource | undefined {
  const found = subresources.find(({ name }) => name === subresource);
  return found && (tail === '' || found.hasTail) ? found : undefined;
}

function handlersFor(resource: ServedResource, info: RequestInfo): Handlers | undefined {
  if (info.subresource !== '') return subresourceOf(resource, info)?.handlers;
  const verbs = info.name === '' ? collectionVerbs : objectVerbs;
  return verbs.has(info.verb) ? resource.handlers : {};
}

function handlerKey({ group, version, resource }: { group: string; version: string; resource: string }): string {
  return `${group}/${version}/${resource}`;
}

const podUpgrades = new Set(['attach', 'exec', 'portforward', 'proxy']);

const isForPod = ({ resource, subresource }: RequestInfo): boolean => resource === 'pods' && podUpgrades.has(subresource);

/**
 * Finds the handler of a request for a resource: by what it is about, not by its path. Unknown resources are 404, verbs
 * without a handler 405; requests for other paths pass. Upstream twin: apiserver's `APIInstaller`.
 */
export function dispatcher(served: readonly ServedResource[]): RequestHandler {
  const resources = new Map(served.map((resource) => [handlerKey(resource.info), resource]));
  return async (request: Request, response: Response, next) => {
    const { info } = contextOf(request);
    if (isUpgrade(request) && info.verb !== 'watch' && !isForPod(info)) throw newBadRequest('only watches (watch=true), and exec, attach, portforward and proxy of pods can be upgraded');
    if (!info.isResource) return next();
    const resource = resources.get(handlerKey(info));
    const handlers = resource && isPlaced(resource, info) ? handlersFor(resource, info) : undefined;
    if (!handlers) throw newPathNotFound();
    const handler = Object.hasOwn(handlers, info.verb) ? handlers[info.verb] : undefined;
    if (!handler) throw newMethodNotAllowed();
    await handler(request, response);
  };
}

