import { SelectorError, parseFieldSelector } from '@podling/shared/api';
import type { AccessRequest } from '../authorization/authorizer.ts';
import type { RequestContext } from './request-context.ts';
import type { RequestInfo } from './request-info.ts';

const selectingVerbs = new Set(['list', 'watch', 'deletecollection']);

function fieldSelectorOf({ verb, query }: RequestInfo): string | undefined {
  return (selectingVerbs.has(verb) && query.get('fieldSelector')) || undefined;
}

/** The one object that a selector names, as `metadata.name=x` does; '' if it does not. A bad selector is for the handler to refuse. */
function selectedName(fieldSelector: string): string {
  try {
    const { requirements } = parseFieldSelector(fieldSelector);
    return requirements.find(({ field, operator }) => field === 'metadata.name' && operator === '=')?.value ?? '';
  } catch (error) {
    if (error instanceof SelectorError) return '';
    throw error;
  }
}

/** Whoever opens a stream into a pod creates something there, by whatever method. */
const streams = new Set(['attach', 'exec', 'portforward']);

function verbOf({ verb, group, resource, subresource }: RequestInfo): string {
  return group === '' && resource === 'pods' && streams.has(subresource) ? 'create' : verb;
}

/** What authorizers are asked about a request. A list or watch of one object by its name asks about that object, as in Kubernetes. */
export function accessRequestOf({ user, info }: RequestContext): AccessRequest {
  const { group, resource, subresource, namespace, path } = info;
  const fieldSelector = fieldSelectorOf(info);
  const name = info.name === '' && fieldSelector !== undefined ? selectedName(fieldSelector) : info.name;
  return { user, verb: verbOf(info), group, resource, subresource, namespace, name, path, ...(fieldSelector === undefined ? {} : { fieldSelector }) };
}
