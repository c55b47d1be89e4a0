import type { RequestHandler } from 'express';
import { newForbidden, newStatusError } from '@podling/shared/api';
import { refusalOf } from '../../authorization/authorizer.ts';
import type { AccessRequest, Authorizer, Decision } from '../../authorization/authorizer.ts';
import { accessRequestOf } from '../access-request.ts';
import { contextOf } from '../request-context.ts';

function forbidden(access: AccessRequest, decision: Exclude<Decision, 'allow'>): Error {
  const why = refusalOf(access, decision?.why);
  if (access.resource !== '') return newForbidden({ group: access.group, resource: access.resource }, access.name, why);
  return newStatusError({ code: 403, reason: 'Forbidden', message: `forbidden: ${why}`, details: {} });
}

/** Lets pass what the user may do, or 403. */
export function authorizationFilter(authorize: Authorizer): RequestHandler {
  return async (request, _response, next) => {
    const context = contextOf(request);
    const asked = accessRequestOf(context);
    context.authorizeBy(async (verb) => {
      const access = { ...asked, verb };
      const decision = await authorize(access);
      if (decision !== 'allow') throw forbidden(access, decision);
    });
    await context.requireVerb(asked.verb);
    next();
  };
}
