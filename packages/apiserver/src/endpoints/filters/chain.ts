import type { RequestHandler } from 'express';
import type { Clock, Logger } from '@podling/shared/util';
import type { Authenticator } from '../../authentication/authenticator.ts';
import type { Authorizer } from '../../authorization/authorizer.ts';
import type { Metrics } from '../metrics.ts';
import { auditFilter } from './audit.ts';
import type { Auditing } from './audit.ts';
import { authenticationFilter } from './authentication.ts';
import { authorizationFilter } from './authorization.ts';
import { bodyFilter } from './body.ts';
import { deadlineFilter } from './deadline.ts';
import { impersonationFilter } from './impersonation.ts';
import { requestInfoFilter } from './request-info.ts';
import { requestLogFilter } from './request-log.ts';
import { shutdownFilter } from './shutdown.ts';

export interface FilterParts {
  authenticate: Authenticator;
  authorize: Authorizer;
  /** Shared by all listeners, since they share what it protects. */
  maxInFlight: RequestHandler;
  auditing?: Auditing | undefined;
  requestTimeoutMs: number;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

/** What every request passes before its handler, upgrades too, in this order. `docs/request-lifecycle.md` explains each. */
export function filterChain(parts: FilterParts): [name: string, filter: RequestHandler][] {
  const { authenticate, authorize, maxInFlight, auditing, requestTimeoutMs, stopping, clock, logger, metrics } = parts;
  return [
    ['request-log', requestLogFilter(logger, metrics)],
    ['request-info', requestInfoFilter],
    ['shutdown', shutdownFilter(stopping)],
    ['deadline', deadlineFilter(clock, requestTimeoutMs)],
    ['authentication', authenticationFilter(authenticate, metrics)],
    ['audit', auditing ? auditFilter(auditing) : passFilter],
    ['impersonation', impersonationFilter(authorize)],
    ['max-in-flight', maxInFlight],
    ['authorization', authorizationFilter(authorize)],
    ['body', bodyFilter()],
  ];
}

const passFilter: RequestHandler = (_request, _response, next) => next();
