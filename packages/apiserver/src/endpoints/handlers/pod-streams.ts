import type { Node, Pod } from '@podling/shared/api';
import { newBadRequest } from '@podling/shared/api';
import { isUpgrade, takeOver } from '@podling/shared/upgrade';
import type { RegistryStore } from '../../registry/generic/registry-store.ts';
import type { Handler } from '../endpoint.ts';
import { abandonedBy } from '../relay.ts';
import { contextOf } from '../request-context.ts';
import { isTrue } from '../request-info.ts';
import { containerOf } from './pod-container.ts';

/** What the kubelet calls them. */
const flags = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' } as const;

/** Path and query at the kubelet, of nothing but what the options of the subresource have. */
type KubeletPath = (pod: Pod, query: URLSearchParams) => string;

const segments = ({ metadata }: Pod, ...more: string[]): string => [metadata.namespace ?? '', metadata.name, ...more].map(encodeURIComponent).join('/');

function commandPath(kind: 'exec' | 'attach'): KubeletPath {
  return (pod, query) => {
    const container = containerOf(pod, query.get('container'));
    const parameters = new URLSearchParams();
    for (const [name, theirs] of Object.entries(flags)) if (isTrue(query.get(name))) parameters.set(theirs, '1');
    if (kind === 'exec') for (const word of query.getAll('command')) parameters.append('command', word);
    return `/${kind}/${segments(pod, container)}?${parameters.toString()}`;
  };
}

const portForwardPath: KubeletPath = (pod, query) => {
  const ports = query.getAll('ports');
  for (const port of ports) if (!/^\d{1,5}$/.test(port)) throw newBadRequest(`ports: ${JSON.stringify(port)} is not a port`);
  return `/portForward/${segments(pod)}${ports.length === 0 ? '' : `?port=${ports.join(',')}`}`;
};

/**
 * `pods/NAME/{exec,attach,portforward}`: joins the client with the kubelet of the pod's node, in whichever protocol the two
 * agree on. Upstream twins: `ExecLocation`, `AttachLocation`, `PortForwardLocation`.
 */
function streamHandler(nodes: RegistryStore<Node>, pathOf: KubeletPath): Handler {
  return async (endpoint, request, response) => {
    const { info } = contextOf(request);
    const { services, store } = endpoint;
    const pod = (await store.get(info.namespace, info.name)) as Pod;
    const path = pathOf(pod, info.query);
    const { nodeName } = pod.spec;
    if (!nodeName) throw newBadRequest(`pod ${info.name} does not have a host assigned`);
    const node = await nodes.get('', nodeName);
    if (!isUpgrade(request)) throw newBadRequest('Upgrade request required');
    const done = services.metrics.countLongRunning(info);
    const upgrade = { request, response, path, signal: abandonedBy(response, services), takeOver: () => takeOver(request, response) };
    await services.nodeProxy.upgrade(node, upgrade).finally(done);
  };
}

/** By the name of the subresource. */
export function podStreamHandlers(nodes: RegistryStore<Node>): Record<'attach' | 'exec' | 'portforward', Handler> {
  return {
    attach: streamHandler(nodes, commandPath('attach')),
    exec: streamHandler(nodes, commandPath('exec')),
    portforward: streamHandler(nodes, portForwardPath),
  };
}
