import type { KindInfo } from '@podling/shared/scheme';
import { apiVersionOf, asSchema, kindFor } from '@podling/shared/scheme';
import type { ServedResource, ServedSubresource } from '../endpoint.ts';
import { definitionName } from './definition-name.ts';
import { listModelName, wireModel } from './models.ts';
import { refTo } from './render-schema.ts';
import type { OpenApiSchema } from './render-schema.ts';
import { titleCase } from './titles.ts';

/** One operation before it is written down. */
export interface Verb {
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
export interface Place {
  resource: ServedResource;
  info: Pick<KindInfo, 'group' | 'version' | 'kind'>;
  /** Absent for the resource itself. */
  part?: ServedSubresource;
  scope: 'Namespaced' | 'AllNamespaces' | 'Cluster';
}

/** Kinds whose delete answers with the object instead of a Status. */
const deletedKinds = new Set(['Pod', 'PodTemplate', 'Service', 'ServiceAccount']);

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

/** What may be done at a place, by verb. */
export function verbsOf(place: Place, isObject: boolean): Record<string, Verb> {
  if (place.info.kind.endsWith('Options')) return connectVerbs(place);
  return isObject ? objectVerbs(place) : collectionVerbs(place);
}
