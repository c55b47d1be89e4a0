import { newBadRequest, newInvalid } from '@podling/shared/api';
import type { FieldError } from '@podling/shared/api';
import { isTrue } from './request-info.ts';

/** A query parameter that is a whole number. Throws 400 as Kubernetes' converter would. */
export function signedParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d{1,15}$/.test(text)) throw newBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** {@link signedParameter}, ≥ 0. */
export function integerParameter(query: URLSearchParams, name: string): number | undefined {
  const value = signedParameter(query, name);
  if (value !== undefined && value < 0) throw newBadRequest(`${name}: must be greater than or equal to 0`);
  return value;
}

/** The options of a write, as errors name them. */
export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

export function newInvalidOption(kind: OptionsKind, error: FieldError): Error {
  return newInvalid({ group: 'meta.k8s.io', kind }, '', [error]);
}

/** `dryRun=All` is the only one there is. */
export function isDryRun(values: readonly string[], kind: OptionsKind = 'CreateOptions'): boolean {
  if (values.some((value) => value !== 'All')) {
    const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`;
    throw newInvalidOption(kind, { field: 'dryRun', reason: 'FieldValueNotSupported', message });
  }
  return values.length > 0;
}

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export function fieldValidationOf(query: URLSearchParams, kind: OptionsKind = 'CreateOptions'): FieldValidation {
  const value = query.get('fieldValidation') || 'Warn';
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value;
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: "", "Ignore", "Strict", "Warn"`;
  throw newInvalidOption(kind, { field: 'fieldValidation', reason: 'FieldValueNotSupported', message });
}

export interface ListParameters {
  resourceVersion: string | undefined;
  resourceVersionMatch: 'Exact' | 'NotOlderThan' | undefined;
  limit: number | undefined;
  continue: string | undefined;
}

function listInvalid(field: string, why: string): Error {
  return newInvalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [{ field, reason: 'FieldValueForbidden', message: `Forbidden: ${why}` }]);
}

export function resourceVersionOf(query: URLSearchParams): string | undefined {
  const value = query.get('resourceVersion') || undefined;
  if (value !== undefined && !/^\d{1,19}$/.test(value)) {
    const message = `Invalid value: ${JSON.stringify(value)}: strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`;
    throw newInvalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [{ field: 'resourceVersion', reason: 'FieldValueInvalid', message }]);
  }
  return value;
}

function matchOf(query: URLSearchParams): ListParameters['resourceVersionMatch'] {
  const value = query.get('resourceVersionMatch') || undefined;
  if (value === undefined || value === 'Exact' || value === 'NotOlderThan') return value;
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: "Exact", "NotOlderThan", ""`;
  throw newInvalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [{ field: 'resourceVersionMatch', reason: 'FieldValueNotSupported', message }]);
}

/** Throws 422 for combinations that have no meaning. */
export function listParameters(query: URLSearchParams): ListParameters {
  const resourceVersion = resourceVersionOf(query);
  const resourceVersionMatch = matchOf(query);
  signedParameter(query, 'timeoutSeconds');
  if (query.has('sendInitialEvents')) throw listInvalid('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  const token = query.get('continue') || undefined;
  if (resourceVersionMatch && !resourceVersion) throw listInvalid('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (resourceVersionMatch && token) throw listInvalid('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
  if (resourceVersionMatch === 'Exact' && resourceVersion === '0') {
    throw listInvalid('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (token && resourceVersion && resourceVersion !== '0') throw newBadRequest('specifying resource version is not allowed when using continue');
  return { resourceVersion: token ? undefined : resourceVersion, resourceVersionMatch, limit: signedParameter(query, 'limit'), continue: token };
}

export interface WatchParameters {
  resourceVersion: string | undefined;
  timeoutSeconds: number | undefined;
  bookmarks: boolean;
  /** Undefined: as the resourceVersion says. */
  sendInitialEvents: boolean | undefined;
}

export function watchParameters(query: URLSearchParams): WatchParameters {
  const initial = query.get('sendInitialEvents');
  const sendInitialEvents = initial === null ? undefined : isTrue(initial);
  const match = matchOf(query);
  if (initial !== null && match !== 'NotOlderThan') {
    throw listInvalid('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (initial === null && match !== undefined) throw listInvalid('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  const allow = query.get('allowWatchBookmarks');
  return {
    resourceVersion: resourceVersionOf(query),
    timeoutSeconds: signedParameter(query, 'timeoutSeconds'),
    bookmarks: allow !== null && isTrue(allow),
    sendInitialEvents,
  };
}
