import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { newStatusError } from '@podling/shared/api';
import { RequestContext, setContext } from '../request-context.ts';
import { requestInfoOf } from '../request-info.ts';

const auditId = /^[\x21-\x7e]{1,64}$/;

/** A page of another origin may not ride on a browser's certificate, or on its way to the insecure port. */
function checkOrigin({ origin, host }: IncomingHttpHeaders): void {
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw newStatusError({ code: 403, reason: 'Forbidden', message: `forbidden: origin ${JSON.stringify(origin)} is not this server` });
}

/** Reads from method and URL what the request is about, and names it. */
export const requestInfoFilter: RequestHandler = (request, response, next) => {
  const { headers, method, originalUrl } = request;
  const sent = String(headers['audit-id'] ?? '');
  const context = new RequestContext(requestInfoOf(method, originalUrl), auditId.test(sent) ? sent : undefined);
  setContext(request, context);
  response.setHeader('Audit-Id', context.id);
  response.setHeader('Cache-Control', 'no-cache, private');
  checkOrigin(headers);
  next();
};
