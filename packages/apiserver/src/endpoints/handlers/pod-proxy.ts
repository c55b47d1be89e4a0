import type { Request } from 'express';
import type { Node, Pod } from '@podling/shared/api';
import { newBadRequest } from '@podling/shared/api';
import { isUpgrade, takeOver } from '@podling/shared/upgrade';
import { AddressSet } from '../../proxy/address-set.ts';
import { parseProxyName, podAddress } from '../../proxy/pod-address.ts';
import type { RegistryStore } from '../../registry/generic/registry-store.ts';
import type { Handler } from '../endpoint.ts';
import { abandonedBy } from '../relay.ts';
import { contextOf } from '../request-context.ts';

/** As the client wrote it: decoding would make two paths of the pod's into one. */
const proxyPath = /^(\/+api\/+v1\/+namespaces\/+[^/?]+\/+pods\/+[^/?]+\/+proxy)(\/[^?]*)?(\?.*)?$/s;

interface ProxyPath {
  prefix: string;
  /** '' when not even a slash follows the prefix. */
  path: string;
  query: string;
}

function proxyPathOf({ originalUrl }: Request): ProxyPath {
  const [, prefix = '', path = '', query = ''] = proxyPath.exec(originalUrl) ?? [];
  if (prefix === '') throw newBadRequest('the path of the proxied request cannot be read');
  return { prefix, path: path === '' ? '' : withoutDots(path), query };
}

/** Nothing leads out of the pod's own paths. */
function withoutDots(path: string): string {
  return new URL(`http://pod${path}`).pathname;
}

/** Whether any node has the address, in whatever form; one look at each, as a set of all would be made for one question. */
function isOfNode(nodes: readonly Node[], host: string): boolean {
  const same = new AddressSet([host]);
  const isSame = (address: string): boolean => address === host || ((address.includes(':') || host.includes(':')) && same.has(address));
  return nodes.some(({ status }) => status?.addresses?.some(({ address }) => isSame(address)));
}

/**
 * `pods/[SCHEME:]NAME[:PORT]/proxy/PATH`: a reverse proxy to the pod's address, for every method and for upgrades. A pod's
 * root without its slash is a redirect, so that relative links work.
 */
export function podProxyHandler(nodes: RegistryStore<Node>): Handler {
  return async (endpoint, request, response) => {
    const { name, namespace } = contextOf(request).info;
    const { services, store } = endpoint;
    const wanted = parseProxyName(name);
    const pod = (await store.get(namespace, wanted.name)) as Pod;
    const { items } = await nodes.list('', { resourceVersion: '0' });
    const address = podAddress(pod, wanted, (host) => isOfNode(items, host) || services.podProxy.isForeign(host));
    const { prefix, path, query } = proxyPathOf(request);
    if (path === '' && !isUpgrade(request) && ['GET', 'HEAD'].includes(request.method)) {
      response.writeHead(301, { Location: `${prefix}/${query}`, 'Content-Length': 0 }).end();
      return;
    }
    await services.podProxy.forward({
      request, response, address, prefix,
      path: (path === '' ? '/' : path) + query,
      signal: abandonedBy(response, services),
      takeOver: isUpgrade(request) ? () => takeOver(request, response) : undefined,
    });
  };
}
