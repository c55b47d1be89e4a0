import type { ServedResource, ServedSubresource } from '../endpoint.ts';
import { operationOf, parametersOf, sharedParameters } from './operation.ts';
import type { PathItem } from './operation.ts';
import { verbsOf } from './verbs.ts';
import type { Place } from './verbs.ts';

function pathItem(place: Place, served: readonly string[], at: { isObject: boolean; hasTail?: boolean }): PathItem | undefined {
  const { isObject, hasTail = false } = at;
  const verbs = Object.entries(verbsOf(place, isObject)).filter(([verb]) => served.includes(verb));
  const operations = verbs.map(([, verb]) => [verb.method, operationOf(verb, place, parametersOf(verb, place, isObject, hasTail), hasTail ? 'WithPath' : '')] as const);
  return operations.length > 0 ? sharedParameters(operations) : undefined;
}

function partPaths(resource: ServedResource, part: ServedSubresource, base: string): [string, PathItem | undefined][] {
  const place: Place = { resource, info: part.info, part, scope: resource.info.namespaced ? 'Namespaced' : 'Cluster' };
  const verbs = Object.keys(part.handlers);
  const path = `${base}/{name}/${part.name}`;
  const items: [string, PathItem | undefined][] = [[path, pathItem(place, verbs, { isObject: true })]];
  return part.hasTail ? [...items, [`${path}/{path}`, pathItem(place, verbs, { isObject: true, hasTail: true })]] : items;
}

/** All paths of a resource and its subresources below `root`, such as `/api/v1`. */
export function pathsOf(resource: ServedResource, root: string): [string, PathItem][] {
  const { info, handlers, subresources } = resource;
  const verbs = Object.keys(handlers);
  const base = `${root}${info.namespaced ? '/namespaces/{namespace}' : ''}/${info.resource}`;
  const place: Place = { resource, info, scope: info.namespaced ? 'Namespaced' : 'Cluster' };
  const everywhere: Place = { resource, info, scope: 'AllNamespaces' };
  const items: [string, PathItem | undefined][] = [
    ...(info.namespaced ? [[`${root}/${info.resource}`, pathItem(everywhere, verbs.filter((verb) => verb === 'list'), { isObject: false })] as [string, PathItem | undefined]] : []),
    [base, pathItem(place, verbs, { isObject: false })],
    [`${base}/{name}`, pathItem(place, verbs.filter((verb) => verb !== 'create'), { isObject: true })],
    ...subresources.flatMap((part) => partPaths(resource, part, base)),
  ];
  return items.filter((entry): entry is [string, PathItem] => entry[1] !== undefined);
}
