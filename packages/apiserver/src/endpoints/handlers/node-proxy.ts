import { newMethodNotSupported } from '@podling/shared/api';
import type { Node } from '@podling/shared/api';
import type { Handler } from '../endpoint.ts';
import { abandonedBy, relay } from '../relay.ts';
import { contextOf } from '../request-context.ts';

/** GET nodes/NAME/proxy/PATH: the kubelet's own pages, its stats and health among them. */
export const handleNodeProxy: Handler = async (endpoint, request, response) => {
  const { name, tail, query } = contextOf(request).info;
  if (request.method !== 'GET') throw newMethodNotSupported({ group: '', resource: 'nodes/proxy' }, String(request.method));
  const node = (await endpoint.store.get('', name)) as Node;
  const text = query.toString();
  const path = `/${tail.split('/').map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
  await relay(await endpoint.services.nodeProxy.get(node, path, abandonedBy(response, endpoint.services)), response);
};
