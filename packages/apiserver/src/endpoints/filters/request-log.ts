import type { RequestHandler } from 'express';
import type { Logger } from '@podling/shared/util';
import type { Metrics } from '../metrics.ts';
import { knownContextOf } from '../request-context.ts';

/** Counts and logs every finished request: quietly, unless the fault is ours. */
export function requestLogFilter(logger: Logger, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const durationMs = performance.now() - startedAt;
      const context = knownContextOf(request);
      const { statusCode: code } = response;
      const sent = Number(response.getHeader('Content-Length') ?? 0);
      metrics.observeRequest(context?.info, { code, seconds: durationMs / 1000, responseBytes: Number.isNaN(sent) ? 0 : sent });
      const level = code >= 500 ? 'warn' : 'debug';
      const user = context?.knownUser?.name;
      logger[level]({ method: request.method, url: request.originalUrl, code, user, auditId: context?.id, durationMs: Math.round(durationMs) }, 'request served');
    });
    next();
  };
}
