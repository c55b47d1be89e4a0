import type { RequestInfo } from './request-info.ts';

const longRunningSubresources = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);
const readOnlyVerbs = new Set(['get', 'list', 'watch', 'head', 'options']);

/** Whether a request may last as long as its client wants: no deadline, no place among those in flight. */
export function isLongRunning({ verb, isResource, subresource }: RequestInfo): boolean {
  return isResource && (verb === 'watch' || longRunningSubresources.has(subresource));
}

export function isReadOnly({ verb }: RequestInfo): boolean {
  return readOnlyVerbs.has(verb);
}
