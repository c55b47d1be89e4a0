import type { Status, StatusCause, StatusReason } from './status.ts';

/** One violation of a rule, `field` as a Kubernetes path (`spec.containers[0].name`). Messages are Kubernetes' own. */
export interface FieldError {
  field: string;
  reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueDuplicate'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueNotFound'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid';
  /** The text after the field, e.g. `Required value` or `Invalid value: "A_b": a lowercase RFC 1123 label …`. */
  message: string;
}

/**
 * The one error type that crosses the API's wire, on the server (thrown by registries and handlers,
 * written once by the error filter) and on the client (thrown for every non-2xx answer).
 * Upstream twin: apimachinery's `StatusError`.
 */
export class ApiStatusError extends Error {
  readonly status: Status;

  constructor(status: Status, options?: ErrorOptions) {
    super(status.message ?? status.reason ?? 'unknown error', options);
    this.name = 'ApiStatusError';
    this.status = status;
  }

  get code(): number {
    return this.status.code ?? 500;
  }

  get reason(): StatusReason {
    return this.status.reason ?? 'Unknown';
  }
}

interface StatusInit {
  code: number;
  reason: StatusReason;
  message: string;
  details?: Status['details'];
}

export function newStatusError(init: StatusInit, options?: ErrorOptions): ApiStatusError {
  const { code, reason, message, details } = init;
  return new ApiStatusError(
    { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...(details ? { details } : {}), code },
    options,
  );
}

/** A resource as Kubernetes names it in messages: `pods` or `leases.coordination.k8s.io`. */
export interface GroupResource {
  group: string;
  resource: string;
}

export function qualifiedResource({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function objectDetails(gr: GroupResource, name: string): NonNullable<Status['details']> {
  return { name, ...(gr.group === '' ? {} : { group: gr.group }), kind: gr.resource };
}

export function newNotFound(gr: GroupResource, name: string): ApiStatusError {
  return newStatusError({ code: 404, reason: 'NotFound', message: `${qualifiedResource(gr)} "${name}" not found`, details: objectDetails(gr, name) });
}

export function newAlreadyExists(gr: GroupResource, name: string): ApiStatusError {
  return newStatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualifiedResource(gr)} "${name}" already exists`,
    details: objectDetails(gr, name),
  });
}

/** Of an object without a name of its own: the names made up for it are all taken. */
export function newGenerateNameConflict(gr: GroupResource, name: string, options?: ErrorOptions): ApiStatusError {
  return newStatusError({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualifiedResource(gr)} "${name}" already exists, the server was not able to generate a unique name for the object`,
    details: { ...objectDetails(gr, name), retryAfterSeconds: 1 },
  }, options);
}

export function newConflict(gr: GroupResource, name: string, why: string): ApiStatusError {
  return newStatusError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${qualifiedResource(gr)} "${name}": ${why}`,
    details: objectDetails(gr, name),
  });
}

const maxCauses = 1000;

/** 422 with every cause at once, up to a thousand. `kind` is the object's kind, with its group if it has one (`Lease.coordination.k8s.io`). */
export function newInvalid(kind: { group: string; kind: string }, name: string, all: readonly FieldError[]): ApiStatusError {
  const errors = all.slice(0, maxCauses);
  const causes: StatusCause[] = errors.map(({ field, reason, message }) => ({ reason, message, field }));
  const lines = [...new Set(errors.map((e) => `${e.field}: ${e.message}`))];
  const summary = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  const qualifiedKind = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return newStatusError({
    code: 422,
    reason: 'Invalid',
    message: `${qualifiedKind} "${name}" is invalid: ${summary}`,
    details: { ...(name && { name }), ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.kind, causes },
  });
}

export function newBadRequest(message: string, options?: ErrorOptions): ApiStatusError {
  return newStatusError({ code: 400, reason: 'BadRequest', message }, options);
}

export function newUnauthorized(options?: ErrorOptions): ApiStatusError {
  return newStatusError({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' }, options);
}

export function newForbidden(gr: GroupResource, name: string, why: string): ApiStatusError {
  const subject = name === '' ? qualifiedResource(gr) : `${qualifiedResource(gr)} "${name}"`;
  return newStatusError({ code: 403, reason: 'Forbidden', message: `${subject} is forbidden: ${why}`, details: objectDetails(gr, name) });
}

export function newMethodNotSupported(gr: GroupResource, verb: string): ApiStatusError {
  return newStatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: `${verb} is not supported on resources of kind "${qualifiedResource(gr)}"`,
    details: objectDetails(gr, ''),
  });
}

/** 410: the revision asked for is compacted; the client must list again. */
export function newExpired(message: string, options?: ErrorOptions): ApiStatusError {
  return newStatusError({ code: 410, reason: 'Expired', message }, options);
}

export function newRequestTooLarge(message: string, options?: ErrorOptions): ApiStatusError {
  return newStatusError({ code: 413, reason: 'RequestEntityTooLarge', message }, options);
}

/** 429: not now. Clients that see `retryAfterSeconds` ask again by themselves; 0 leaves it to them. */
export function newTooManyRequests(message: string, retryAfterSeconds: number, causes: StatusCause[] = []): ApiStatusError {
  const details = { ...(causes.length > 0 && { causes }), ...(retryAfterSeconds > 0 && { retryAfterSeconds }) };
  return newStatusError({ code: 429, reason: 'TooManyRequests', message, details });
}

export function newNotAcceptable(message: string): ApiStatusError {
  return newStatusError({ code: 406, reason: 'NotAcceptable', message });
}

export function newUnsupportedMediaType(message: string): ApiStatusError {
  return newStatusError({ code: 415, reason: 'UnsupportedMediaType', message });
}

export function newServiceUnavailable(message: string, options?: ErrorOptions): ApiStatusError {
  return newStatusError({ code: 503, reason: 'ServiceUnavailable', message, details: { retryAfterSeconds: 1 } }, options);
}

export function newInternalError(message: string, options?: ErrorOptions): ApiStatusError {
  return newStatusError({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${message}` }, options);
}

function hasReason(error: unknown, ...reasons: StatusReason[]): boolean {
  return error instanceof ApiStatusError && reasons.includes(error.reason);
}

export const isNotFound = (error: unknown): boolean => hasReason(error, 'NotFound');
export const isAlreadyExists = (error: unknown): boolean => hasReason(error, 'AlreadyExists');
export const isForbidden = (error: unknown): boolean => hasReason(error, 'Forbidden');
export const isConflict = (error: unknown): boolean => hasReason(error, 'Conflict');
export const isExpired = (error: unknown): boolean => hasReason(error, 'Expired', 'Gone');
