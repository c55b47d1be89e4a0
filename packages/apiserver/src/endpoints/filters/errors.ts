import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from '@podling/shared/util';
import { newPathNotFound } from '../installer.ts';
import { contextOf } from '../request-context.ts';
import { toStatusError, writeStatus, writeText } from '../write-response.ts';

/** What no route has taken: a Status where clients of the API look for one, else a page's text. */
export const notFoundFilter: RequestHandler = (request, response, next) => {
  const { isResource, path } = contextOf(request).info;
  if (isResource || path.startsWith('/api/')) next(newPathNotFound());
  else writeText(response, 404, '404 page not found\n');
};

/** The one place where a failure becomes an answer. An answer that has begun can only be cut off. */
export function errorFilter(logger: Logger): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const failure = toStatusError(error);
    if (failure.code >= 500) logger.warn({ err: error, method: request.method, url: request.originalUrl }, 'request failed');
    if (response.headersSent || response.destroyed) {
      if (!response.writableEnded) response.destroy();
      return;
    }
    if (!request.complete) response.setHeader('Connection', 'close');
    writeStatus(response, failure);
  };
}
