import type { KindInfo } from '@podling/shared/scheme';
import { asSchema, kindFor, apiVersionOf } from '@podling/shared/scheme';
import type { ServedResource, ServedSubresource } from '../endpoint.ts';
import { definitionName } from './definition-name.ts';
import { listModelName, wireModel } from './models.ts';
import { pathParameters, queryParameters } from './parameters.ts';
import type { Parameter } from './parameters.ts';
import { refTo } from './render-schema.ts';
import type { OpenApiSchema } from './render-schema.ts';

export interface Operation extends OpenApiSchema {
  parameters?: Parameter[];
}

export type PathItem = Record<string, Operation | Parameter[]>;

/** One operation before it is written down. */
interface Verb {
  method: string;
  /** As in `x-kubernetes-action`. */
  action: string;
  /** The operation's id begins with it. */
  prefix: string;
  description: string;
  answer: OpenApiSchema;
  codes: readonly number[];
  body?: OpenApiSchema;
}

/** What a path is about. */
interface Place {
  resource: ServedResource;
  info: Pick<KindInfo, 'group' | 'version' | 'kind'>;
  /** Absent for the resource itself. */
  part?: ServedSubresource;
  scope: 'Namespaced' | 'AllNamespaces' | 'Cluster';
}

const objectTypes = ['application/json', 'application/yaml'];
const patchTypes = [
  'application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json',
];
const reasons: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };
/** Kinds whose delete answers with the object instead of a Status. */
const deletedKinds = new Set(['Pod', 'PodTemplate', 'Service', 'ServiceAccount']);

export function titleCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `CoreV1`, `CoordinationV1`. */
export function groupTitle({ group, version }: { group: string; version: string }): string {
  return `${titleCase(group === '' ? 'core' : (group.split('.')[0] ?? ''))}${titleCase(version)}`;
}

function contentOf(types: readonly string[], schema: OpenApiSchema): OpenApiSchema {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function answerTypes({ action }: Verb, { part }: Place): readonly string[] {
  if (action === 'connect') return ['*/*'];
  if (part?.name === 'log') return [...objectTypes, 'text/plain'];
  return action === 'list' ? ['application/json', 'application/json;stream=watch', 'application/yaml'] : objectTypes;
}

function responsesOf(verb: Verb, place: Place): OpenApiSchema {
  const content = contentOf(answerTypes(verb, place), verb.answer);
  const successes = verb.codes.map((code) => [code, { description: reasons[code], content }] as const);
  return { ...Object.fromEntries(successes), 401: { description: 'Unauthorized' } };
}

function operationId({ prefix }: Verb, { resource: { info }, part, scope }: Place): string {
  const namespaced = scope === 'Namespaced' ? 'Namespaced' : '';
  const [before = prefix, after = ''] = prefix.endsWith('Collection') ? [prefix.slice(0, -'Collection'.length), 'Collection'] : [prefix];
  const suffix = scope === 'AllNamespaces' ? 'ForAllNamespaces' : titleCase(part?.name ?? '');
  const method = before.startsWith('connect') ? before.slice('connect'.length) : '';
  const start = method === '' ? before : 'connect';
  return `${start}${groupTitle(info)}${method}${after}${namespaced}${info.kind}${suffix}`;
}

function parametersOf({ action }: Verb, { part, info, scope }: Place, isObject: boolean, hasTail: boolean): Parameter[] {
  return [
    ...queryParameters(action, part?.name ?? ''),
    ...(isObject ? [pathParameters.name(info.kind)] : []),
    ...(scope === 'Namespaced' ? [pathParameters.namespace] : []),
    ...(hasTail ? [pathParameters.tail] : []),
  ];
}

function operationOf(verb: Verb, place: Place, parameters: Parameter[], idSuffix = ''): Operation {
  const { info, resource } = place;
  const { group, version, kind } = info;
  const types = verb.action === 'patch' ? patchTypes : ['*/*'];
  return {
    tags: [groupTitle(resource.info).replace(/V(?=\d)/, '_v').toLowerCase()],
    description: verb.description,
    operationId: operationId(verb, place) + idSuffix,
    parameters,
    ...(verb.body ? { requestBody: { content: contentOf(types, verb.body), ...(verb.action.startsWith('delete') ? {} : { required: true }) } } : {}),
    responses: responsesOf(verb, place),
    'x-kubernetes-action': verb.action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

/** What all operations of a path have in common is said once. */
function sharedParameters(operations: readonly (readonly [string, Operation])[]): PathItem {
  const [first, ...others] = operations.map(([, { parameters = [] }]) => parameters);
  const shared = (first ?? []).filter((parameter) => others.every((parameters) => parameters.some(({ name, in: at }) => name === parameter.name && at === parameter.in)));
  const isShared = ({ name, in: at }: Parameter): boolean => shared.some((parameter) => parameter.name === name && parameter.in === at);
  const item: PathItem = Object.fromEntries(operations.map(([method, { parameters = [], ...operation }]) => {
    const own = parameters.filter((parameter) => !isShared(parameter));
    return [method, { ...operation, ...(own.length > 0 ? { parameters: own } : {}) }];
  }));
  return shared.length > 0 ? { ...item, parameters: shared.toSorted((a, b) => (a.name < b.name ? -1 : 1)) } : item;
}

function schemaOf({ info }: Place): OpenApiSchema {
  const model = asSchema(kindFor(apiVersionOf(info), info.kind)?.schema ?? {})['x-podling-model'];
  return model === undefined ? { type: 'string' } : refTo(definitionName(model));
}

function wire(name: string): OpenApiSchema {
  return refTo(definitionName(wireModel(name).name));
}

/** The methods of a collection, by verb. */
function collectionVerbs(place: Place): Record<string, Verb> {
  const { kind } = place.info;
  const body = schemaOf(place);
  return {
    list: { method: 'get', action: 'list', prefix: 'list', description: `list or watch objects of kind ${kind}`, answer: refTo(definitionName(listModelName(place.resource.info))), codes: [200] },
    create: { method: 'post', action: 'post', prefix: 'create', description: `create a ${kind}`, answer: body, codes: [200, 201, 202], body },
    deletecollection: { method: 'delete', action: 'deletecollection', prefix: 'deleteCollection', description: `delete collection of ${kind}`, answer: wire('Status'), codes: [200], body: wire('DeleteOptions') },
  };
}

/** The methods of one object or of a part of it, by verb. */
function objectVerbs(place: Place): Record<string, Verb> {
  const { info: { kind }, resource, part } = place;
  const body = schemaOf(place);
  const answer = part?.name === 'log' ? { type: 'string' } : body;
  const what = part ? `${part.name} of the specified ${resource.info.kind}` : `the specified ${kind}`;
  return {
    get: { method: 'get', action: 'get', prefix: 'read', description: `read ${what}`, answer, codes: [200] },
    update: { method: 'put', action: 'put', prefix: 'replace', description: `replace ${what}`, answer, codes: [200, 201], body },
    create: { method: 'post', action: 'post', prefix: 'create', description: part ? `create ${part.name} of a ${resource.info.kind}` : `create a ${kind}`, answer, codes: [200, 201, 202], body },
    delete: { method: 'delete', action: 'delete', prefix: 'delete', description: `delete a ${kind}`, answer: deletedKinds.has(kind) ? body : wire('Status'), codes: [200, 202], body: wire('DeleteOptions') },
    patch: { method: 'patch', action: 'patch', prefix: 'patch', description: `partially update ${what}`, answer, codes: [200, 201], body: wire('Patch') },
  };
}

const connectMethods: Readonly<Record<string, string>> = { get: 'get', create: 'post', update: 'put', delete: 'delete', patch: 'patch' };

function connectVerbs({ resource, part }: Place): Record<string, Verb> {
  return Object.fromEntries(Object.entries(connectMethods).map(([verb, method]) => [verb, {
    method, action: 'connect', prefix: `connect${titleCase(method)}`, description: `connect ${method.toUpperCase()} requests to ${part?.name} of ${resource.info.kind}`,
    answer: { type: 'string' }, codes: [200],
  }]));
}

function verbsOf(place: Place, isObject: boolean): Record<string, Verb> {
  if (place.info.kind.endsWith('Options')) return connectVerbs(place);
  return isObject ? objectVerbs(place) : collectionVerbs(place);
}

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
