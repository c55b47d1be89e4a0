import { pathParameters, queryParameters } from './parameters.ts';
import type { Parameter } from './parameters.ts';
import type { OpenApiSchema } from './render-schema.ts';
import { groupTitle, tagOf, titleCase } from './titles.ts';
import type { Place, Verb } from './verbs.ts';

export interface Operation extends OpenApiSchema {
  parameters?: Parameter[];
}

export type PathItem = Record<string, Operation | Parameter[]>;

const objectTypes = ['application/json', 'application/yaml'];
const patchTypes = [
  'application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json',
];
const reasons: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };
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

export function parametersOf({ action }: Verb, { part, info, scope }: Place, isObject: boolean, hasTail: boolean): Parameter[] {
  return [
    ...queryParameters(action, part?.name ?? ''),
    ...(isObject ? [pathParameters.name(info.kind)] : []),
    ...(scope === 'Namespaced' ? [pathParameters.namespace] : []),
    ...(hasTail ? [pathParameters.tail] : []),
  ];
}

export function operationOf(verb: Verb, place: Place, parameters: Parameter[], idSuffix = ''): Operation {
  const { info, resource } = place;
  const { group, version, kind } = info;
  const types = verb.action === 'patch' ? patchTypes : ['*/*'];
  return {
    tags: [tagOf(resource.info)],
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
export function sharedParameters(operations: readonly (readonly [string, Operation])[]): PathItem {
  const [first, ...others] = operations.map(([, { parameters = [] }]) => parameters);
  const shared = (first ?? []).filter((parameter) => others.every((parameters) => parameters.some(({ name, in: at }) => name === parameter.name && at === parameter.in)));
  const isShared = ({ name, in: at }: Parameter): boolean => shared.some((parameter) => parameter.name === name && parameter.in === at);
  const item: PathItem = Object.fromEntries(operations.map(([method, { parameters = [], ...operation }]) => {
    const own = parameters.filter((parameter) => !isShared(parameter));
    return [method, { ...operation, ...(own.length > 0 ? { parameters: own } : {}) }];
  }));
  return shared.length > 0 ? { ...item, parameters: shared.toSorted((a, b) => (a.name < b.name ? -1 : 1)) } : item;
}
