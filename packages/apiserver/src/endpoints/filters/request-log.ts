import type { RequestHandler } from 'express';
import type { Logger } from '@podling/shared/util';
import type { Metrics } from '../metrics.ts';

/** Counts and logs every finished request: quietly, unless the fault is ours. */
export function requestLogFilter(logger: Logger, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const durationMs = performance.now() - startedAt;
      metrics.observeRequest(request, response.statusCode, durationMs / 1000);
      const level = response.statusCode >= 500 ? 'warn' : 'debug';
      logger[level]({ method: request.method, url: request.originalUrl, code: response.statusCode, durationMs: Math.round(durationMs) }, 'request served');
    });
    next();
  };
}
