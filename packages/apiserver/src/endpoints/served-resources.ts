import { bindingKind, evictionKind, tokenRequestKind } from '@podling/shared/scheme';
import type { KindInfo } from '@podling/shared/scheme';
import { isUpgrade } from '@podling/shared/upgrade';
import type { InstalledResource, InstalledResources } from '../registry/installed-resources.ts';
import type { Endpoint, EndpointServices, Handler, Handlers, ServedResource, ServedSubresource } from './endpoint.ts';
import { handleBinding } from './handlers/binding.ts';
import { handleCreate } from './handlers/create.ts';
import { handleDelete, handleDeleteCollection } from './handlers/delete.ts';
import { evictionHandler } from './handlers/eviction.ts';
import { handleGet } from './handlers/get.ts';
import { handleList } from './handlers/list.ts';
import { logHandler } from './handlers/log.ts';
import { handleNodeProxy } from './handlers/node-proxy.ts';
import { handlePatch } from './handlers/patch.ts';
import { podProxyHandler } from './handlers/pod-proxy.ts';
import { podStreamHandlers } from './handlers/pod-streams.ts';
import { handleTokenRequest } from './handlers/token-request.ts';
import { handleUpdate } from './handlers/update.ts';
import { serveMetrics } from './served-metrics.ts';
import { serveReviews } from './served-reviews.ts';
import { handleWatchChunked } from './watch-chunked.ts';
import { handleWatchWebSocket } from './watch-websocket.ts';

const handleWatch: Handler = (endpoint, request, response) =>
  (isUpgrade(request) ? handleWatchWebSocket : handleWatchChunked)(endpoint, request, response);

/** In the order in which discovery names them. */
const resourceHandlers: Handlers<Handler> = {
  create: handleCreate, delete: handleDelete, deletecollection: handleDeleteCollection, get: handleGet, list: handleList, patch: handlePatch,
  update: handleUpdate, watch: handleWatch,
};
const partHandlers: Handlers<Handler> = { get: handleGet, patch: handlePatch, update: handleUpdate };
/** A part that is only ever replaced. */
const finalizeHandlers: Handlers<Handler> = { update: handleUpdate };

/** A subresource with handlers of its own, of the stored resource it is named after. */
interface Action {
  resource: string;
  name: string;
  info: Pick<KindInfo, 'group' | 'version' | 'kind'>;
  handlers: Handlers<Handler>;
  hasTail?: true;
}

/** A way through: what the method means is for the other end to say. */
const everyMethod = (handler: Handler): Handlers<Handler> => ({ create: handler, delete: handler, get: handler, patch: handler, update: handler });

/** SPDY asks with POST, a WebSocket with GET. */
const upgradeMethods = (handler: Handler): Handlers<Handler> => ({ create: handler, get: handler });

function actionsOf({ nodes, evictions }: InstalledResources): Action[] {
  const core = (kind: string) => ({ group: '', version: 'v1', kind });
  const streams = podStreamHandlers(nodes);
  return [
    { resource: 'pods', name: 'attach', info: core('PodAttachOptions'), handlers: upgradeMethods(streams.attach) },
    { resource: 'pods', name: 'exec', info: core('PodExecOptions'), handlers: upgradeMethods(streams.exec) },
    { resource: 'pods', name: 'portforward', info: core('PodPortForwardOptions'), handlers: upgradeMethods(streams.portforward) },
    { resource: 'pods', name: 'binding', info: bindingKind, handlers: { create: handleBinding } },
    { resource: 'pods', name: 'eviction', info: evictionKind, handlers: { create: evictionHandler(evictions) } },
    { resource: 'pods', name: 'log', info: core('Pod'), handlers: { get: logHandler(nodes) } },
    { resource: 'pods', name: 'proxy', info: core('PodProxyOptions'), handlers: everyMethod(podProxyHandler(nodes)), hasTail: true },
    { resource: 'serviceaccounts', name: 'token', info: tokenRequestKind, handlers: { create: handleTokenRequest } },
    { resource: 'nodes', name: 'proxy', info: core('NodeProxyOptions'), handlers: { get: handleNodeProxy }, hasTail: true },
  ];
}

function bind(endpoint: Endpoint, handlers: Handlers<Handler>): Handlers {
  return Object.fromEntries(Object.entries(handlers).map(([verb, handler]) => [verb, (request, response) => handler(endpoint, request, response)]));
}

function serveStored(resource: InstalledResource, actions: readonly Action[], services: EndpointServices): ServedResource {
  const endpoint: Endpoint = { ...resource, services };
  const { info, verbs } = resource;
  const parts = Object.keys(resource.subresources).map((name): ServedSubresource => ({ name, info, handlers: bind(endpoint, name === 'finalize' ? finalizeHandlers : partHandlers) }));
  const own = actions.filter((action) => info.group === '' && action.resource === info.resource)
    .map(({ handlers, resource: _resource, ...rest }): ServedSubresource => ({ ...rest, handlers: bind(endpoint, handlers) }));
  const handlers = bind(endpoint, Object.fromEntries(Object.entries(resourceHandlers).filter(([verb]) => verbs.includes(verb))));
  return { info, handlers, subresources: [...own, ...parts], endpoint };
}

/** `namespaces/NS/bindings`: the binding says which pod. */
function serveBindings(pods: InstalledResource, services: EndpointServices): ServedResource {
  return { info: bindingKind as unknown as KindInfo, handlers: bind({ ...pods, services }, { create: handleBinding }), subresources: [] };
}

/** Everything that is served under `/api` and `/apis`. */
export function serveResources(resources: InstalledResources, services: EndpointServices): ServedResource[] {
  const actions = actionsOf(resources);
  const bindings = resources.all.filter(({ info }) => info.kind === 'Pod').map((pods) => serveBindings(pods, services));
  return [...resources.all.map((resource) => serveStored(resource, actions, services)), ...bindings, ...serveReviews(services), ...serveMetrics(resources, services)];
}
