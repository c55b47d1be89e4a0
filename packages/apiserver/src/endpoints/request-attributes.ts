import type { RequestInfo } from './request-info.ts';

const connectSubresources = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);
const readOnlyVerbs = new Set(['get', 'list', 'watch', 'head', 'options']);

/** Whether a request is a way through to a node or a pod. */
export function isConnect({ subresource }: RequestInfo): boolean {
  return connectSubresources.has(subresource);
}

/** Whether a request may last as long as its client wants: no deadline, no place among those in flight. */
export function isLongRunning(info: RequestInfo): boolean {
  return info.isResource && (info.verb === 'watch' || isConnect(info));
}

export function isReadOnly({ verb }: RequestInfo): boolean {
  return readOnlyVerbs.has(verb);
}
