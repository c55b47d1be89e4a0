import type { RequestHandler } from 'express';
import { newBadRequest, newStatusError } from '@podling/shared/api';
import { parseDurationMs } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';
import { isLongRunning } from '../request-attributes.ts';
import { contextOf } from '../request-context.ts';
import { writeStatus } from '../write-response.ts';

function wantedMs(text: string | null, requestTimeoutMs: number): number {
  if (text === null || text === '') return requestTimeoutMs;
  try {
    const ms = parseDurationMs(text);
    return ms === 0 ? requestTimeoutMs : Math.min(ms, requestTimeoutMs);
  } catch (cause) {
    throw newBadRequest(`invalid timeout specified in the request URL - ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/**
 * A request has `requestTimeoutMs`, or less where its `timeout` says so, until its answer begins; then 504. What its
 * handler does afterwards reaches nobody. Upstream twins: `WithRequestDeadline`, `WithTimeoutForNonLongRunningRequests`.
 */
export function deadlineFilter(clock: Clock, requestTimeoutMs: number): RequestHandler {
  return (request, response, next) => {
    const { info } = contextOf(request);
    if (isLongRunning(info)) return next();
    const ms = wantedMs(info.query.get('timeout'), requestTimeoutMs);
    const timer = clock.setTimeout(() => {
      if (response.headersSent) return;
      if (!request.complete) response.setHeader('Connection', 'close');
      const message = 'Timeout: request did not complete within the allotted timeout';
      writeStatus(response, newStatusError({ code: 504, reason: 'Timeout', message, details: {} }));
    }, ms);
    response.once('close', () => timer.cancel());
    next();
  };
}
