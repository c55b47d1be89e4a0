import type { RequestHandler } from 'express';
import { newStatusError } from '@podling/shared/api';

/** Once the server stops, whoever still comes on an old connection is sent away, and connections are not kept. */
export function shutdownFilter(stopping: AbortSignal): RequestHandler {
  return (_request, response, next) => {
    if (!stopping.aborted) return next();
    response.setHeader('Connection', 'close');
    throw newStatusError({ code: 503, reason: 'ServiceUnavailable', message: 'apiserver is shutting down', details: { retryAfterSeconds: 1 } });
  };
}
