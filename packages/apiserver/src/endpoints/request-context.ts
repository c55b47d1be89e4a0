import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { newForbidden, newStatusError, newUnauthorized } from '@podling/shared/api';
import type { Authenticator } from '../authentication/authenticator.ts';
import type { User } from '../authentication/user.ts';
import { refusalOf } from '../authorization/authorizer.ts';
import type { AccessRequest, Authorizer } from '../authorization/authorizer.ts';
import { requestInfoOf } from './request-info.ts';
import type { RequestInfo } from './request-info.ts';

/** What the filters have found out about a request, for the handlers. */
export interface RequestContext {
  id: string;
  info: RequestInfo;
  user: User;
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

/** The context that the filters made; a request without one has passed no filter, which is a broken invariant. */
export function contextOf(request: IncomingMessage): RequestContext {
  const context = contexts.get(request);
  if (!context) throw new Error('the request has passed no filter');
  return context;
}

export interface Gate {
  authenticate: Authenticator;
  authorize: Authorizer;
}

function forbidden(access: AccessRequest): Error {
  const why = refusalOf(access);
  if (access.resource !== '') return newForbidden({ group: access.group, resource: access.resource }, access.name, why);
  return newStatusError({ code: 403, reason: 'Forbidden', message: `forbidden: ${why}`, details: {} });
}

/** A page of another origin may not ride on a browser's certificate, or on its way to the insecure port. */
function checkOrigin({ origin, host }: IncomingHttpHeaders): void {
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw newStatusError({ code: 403, reason: 'Forbidden', message: `forbidden: origin ${JSON.stringify(origin)} is not this server` });
}

/** The gate that every request passes, plain or upgraded: who is it, and may they. Throws 400, 401 or 403. */
export async function admitRequest(gate: Gate, request: IncomingMessage): Promise<RequestContext> {
  checkOrigin(request.headers);
  const info = requestInfoOf(request.method ?? 'GET', request.url ?? '/');
  const user = await gate.authenticate(request);
  if (!user) throw newUnauthorized();
  const { verb, group, resource, subresource, namespace, name, path } = info;
  const access = { user, verb, group, resource, subresource, namespace, name, path };
  if ((await gate.authorize(access)) !== 'allow') throw forbidden(access);
  const context = { id: randomUUID(), info, user };
  contexts.set(request, context);
  return context;
}
