import { ApiStatusError } from '../api/errors.ts';
import type { Status, StatusReason } from '../api/status.ts';

const reasons: Record<number, StatusReason> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The error for an answer outside 2xx. A body that is no Status is kept as the message. */
export function statusErrorFrom(code: number, body: string): ApiStatusError {
  return new ApiStatusError(parseStatus(body) ?? textStatus(code, body));
}

export function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'Status';
}

function parseStatus(body: string): Status | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isStatus(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** What servers of Go's kind say of a path that they do not know. */
const unknownPath = '404 page not found';

function textStatus(code: number, body: string): Status {
  const text = body.trim() === unknownPath ? 'the server could not find the requested resource' : body.trim();
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: text === '' ? `the server answered with status ${code}` : text,
    reason: reasons[code] ?? 'Unknown',
    code,
  };
}
