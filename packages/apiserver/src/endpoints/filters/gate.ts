import type { RequestHandler } from 'express';
import { admitRequest } from '../request-context.ts';
import type { Gate } from '../request-context.ts';

/** Authentication, then authorization; what follows may ask `contextOf(request)`. */
export function gateFilter(gate: Gate): RequestHandler {
  return async (request, response, next) => {
    const { id } = await admitRequest(gate, request);
    response.setHeader('Audit-Id', id);
    response.setHeader('Cache-Control', 'no-cache, private');
    next();
  };
}
