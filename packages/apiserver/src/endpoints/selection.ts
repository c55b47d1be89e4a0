import { SelectorError, newBadRequest, parseFieldSelector, parseLabelSelector } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import type { Strategy } from '../registry/rest/strategy.ts';

const maxSelectorLength = 64 * 1024;

export type Predicate = (object: KubeObject) => boolean;

function parsed<T>(text: string, parse: (text: string) => T): T {
  if (text.length > maxSelectorLength) throw newBadRequest(`the selector is longer than ${maxSelectorLength} characters`);
  try {
    return parse(text);
  } catch (cause) {
    if (cause instanceof SelectorError) throw newBadRequest(cause.message, { cause });
    throw cause;
  }
}

/** Which fields selectors may name. */
type Selectable = Pick<Strategy<KubeObject>, 'selectableFields'>;

function fieldsOf(strategy: Selectable, object: KubeObject): Record<string, string> {
  const { name, namespace = '' } = object.metadata;
  return { ...strategy.selectableFields(object), 'metadata.name': name, 'metadata.namespace': namespace };
}

/** Has every required part of every kind. */
const probe = { metadata: { name: '' }, spec: { containers: [] }, involvedObject: {} };

/** The fields a selector may name are those that the strategy gives for any object. */
function checkFields(strategy: Selectable, fields: readonly string[]): void {
  const known = fieldsOf(strategy, probe);
  const unknown = fields.find((field) => !Object.hasOwn(known, field));
  if (unknown === undefined) return;
  if (Object.keys(strategy.selectableFields(probe)).length === 0) {
    throw newBadRequest(`${JSON.stringify(unknown)} is not a known field selector: only "metadata.name", "metadata.namespace"`);
  }
  throw newBadRequest(`field label not supported: ${unknown}`);
}

/** The predicate of `labelSelector` and `fieldSelector`, undefined when everything matches. Throws 400. */
export function predicateOf(strategy: Selectable, query: URLSearchParams): Predicate | undefined {
  const labels = parsed(query.get('labelSelector') ?? '', parseLabelSelector);
  const fields = parsed(query.get('fieldSelector') ?? '', parseFieldSelector);
  checkFields(strategy, fields.requirements.map(({ field }) => field));
  const byLabel = labels.requirements.length > 0;
  const byField = fields.requirements.length > 0;
  if (!byLabel && !byField) return undefined;
  return (object) =>
    (!byLabel || labels.matches(object.metadata.labels)) && (!byField || fields.matches(fieldsOf(strategy, object)));
}
