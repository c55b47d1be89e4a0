import type { RequestHandler } from 'express';
import { newUnauthorized } from '@podling/shared/api';
import type { Authenticator } from '../../authentication/authenticator.ts';
import type { Metrics } from '../metrics.ts';
import { contextOf } from '../request-context.ts';

/** Finds out who sends the request, or 401. */
export function authenticationFilter(authenticate: Authenticator, metrics: Metrics): RequestHandler {
  return async (request, _response, next) => {
    const user = await authenticate(request);
    metrics.countAuthentication(user !== undefined);
    if (!user) throw newUnauthorized();
    contextOf(request).identify(user);
    next();
  };
}
