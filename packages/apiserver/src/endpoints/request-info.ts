import { newBadRequest } from '@podling/shared/api';

/** What a request is about, read from its method and URL alone. Upstream twin: apiserver's `RequestInfo`. */
export interface RequestInfo {
  isResource: boolean;
  /** get, list, watch, create, update, patch, delete, deletecollection; for other paths the method in lower case. */
  verb: string;
  path: string;
  query: URLSearchParams;
  group: string;
  version: string;
  /** '' for cluster-scoped resources and for all namespaces. */
  namespace: string;
  /** '' for a bare group or version. */
  resource: string;
  name: string;
  subresource: string;
  /** What follows the subresource, without a leading slash; for `nodes/x/proxy/healthz`: `healthz`. */
  tail: string;
}

const verbsOfMethod: Record<string, string> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

const namespaceSubresources = new Set(['status', 'finalize']);

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw newBadRequest(`the path segment ${JSON.stringify(segment)} is not valid percent-encoding`, { cause });
  }
}

function splitPath(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '').map(decodeSegment);
}

/** `/api/v1/…` or `/apis/GROUP/VERSION/…`; undefined for anything else. */
function groupVersion(segments: string[]): { group: string; version: string; rest: string[] } | undefined {
  const [root, first, second, ...more] = segments;
  if (root === 'api' && first !== undefined) return { group: '', version: first, rest: segments.slice(2) };
  if (root === 'apis' && first !== undefined && second !== undefined) return { group: first, version: second, rest: more };
  return undefined;
}

function locate(rest: string[]): Pick<RequestInfo, 'namespace' | 'resource' | 'name' | 'subresource' | 'tail'> {
  const [first, namespace = '', third] = rest;
  const inside = first === 'namespaces' && third !== undefined && !namespaceSubresources.has(third);
  const [resource = '', name = '', subresource = '', ...tail] = inside ? rest.slice(2) : rest;
  return { namespace: inside ? namespace : resource === 'namespaces' ? name : '', resource, name, subresource, tail: tail.join('/') };
}

/** A query that is passed on says nothing to us. */
function refineVerb(method: string, { name, subresource }: Pick<RequestInfo, 'name' | 'subresource'>, query: URLSearchParams): string {
  const verb = verbsOfMethod[method] ?? method.toLowerCase();
  if (verb === 'get' && subresource !== 'proxy' && isTrue(query.get('watch'))) return 'watch';
  if (name !== '') return verb;
  if (verb === 'get') return 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/** As Kubernetes reads a flag of a query: everything but `0` and `false` is true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

/** Throws 400 for a path that is not valid percent-encoding. */
export function requestInfoOf(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const segments = splitPath(path);
  const gv = groupVersion(segments);
  const none = { namespace: '', resource: '', name: '', subresource: '', tail: '' };
  if (!gv || gv.rest.length === 0) {
    return { isResource: false, verb: method.toLowerCase(), path, query, group: gv?.group ?? '', version: gv?.version ?? '', ...none };
  }
  const place = locate(gv.rest);
  const verb = refineVerb(method, place, query);
  return { isResource: true, verb, path, query, group: gv.group, version: gv.version, ...place };
}
