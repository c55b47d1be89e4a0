import type { RequestHandler } from 'express';
import { newForbidden, newStatusError } from '@podling/shared/api';
import { refusalOf } from '../../authorization/authorizer.ts';
import type { AccessRequest, Authorizer } from '../../authorization/authorizer.ts';
import { contextOf } from '../request-context.ts';
import type { RequestContext } from '../request-context.ts';

function accessOf({ user, info }: RequestContext): AccessRequest {
  const { verb, group, resource, subresource, namespace, name, path } = info;
  return { user, verb, group, resource, subresource, namespace, name, path };
}

function forbidden(access: AccessRequest): Error {
  const why = refusalOf(access);
  if (access.resource !== '') return newForbidden({ group: access.group, resource: access.resource }, access.name, why);
  return newStatusError({ code: 403, reason: 'Forbidden', message: `forbidden: ${why}`, details: {} });
}

/** Lets pass what the user may do, or 403. */
export function authorizationFilter(authorize: Authorizer): RequestHandler {
  return async (request, _response, next) => {
    const access: AccessRequest = accessOf(contextOf(request));
    if ((await authorize(access)) !== 'allow') throw forbidden(access);
    next();
  };
}
