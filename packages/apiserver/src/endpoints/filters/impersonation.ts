import type { RequestHandler } from 'express';
import { newForbidden } from '@podling/shared/api';
import { impersonationOf, isImpersonating } from '../../authentication/impersonation.ts';
import type { Impersonation } from '../../authentication/impersonation.ts';
import { serviceAccountOf } from '../../authentication/service-account/claims.ts';
import type { User } from '../../authentication/user.ts';
import { refusalOf } from '../../authorization/authorizer.ts';
import type { AccessRequest, Authorizer } from '../../authorization/authorizer.ts';
import { contextOf } from '../request-context.ts';

type Target = Pick<AccessRequest, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>;

/** Everything that must be allowed for one to act as another. */
function targetsOf({ user, asked: { groups, uid, extra } }: Impersonation): Target[] {
  const none = { group: '', subresource: '', namespace: '' };
  const authentication = { ...none, group: 'authentication.k8s.io' };
  const account = serviceAccountOf(user.name);
  return [
    account ? { ...none, resource: 'serviceaccounts', ...account } : { ...none, resource: 'users', name: user.name },
    ...groups.map((name) => ({ ...none, resource: 'groups', name })),
    ...(uid === '' ? [] : [{ ...authentication, resource: 'uids', name: uid }]),
    ...Object.entries(extra).flatMap(([key, values]) => values.map((name) => ({ ...authentication, resource: 'userextras', subresource: key, name }))),
  ];
}

async function requireRight(authorize: Authorizer, user: User, target: Target): Promise<void> {
  const access: AccessRequest = { user, verb: 'impersonate', path: '', ...target };
  const decision = await authorize(access);
  if (decision !== 'allow') throw newForbidden(target, target.name, refusalOf(access, decision?.why));
}

/** Lets a request be somebody else's, where its sender may act as them, or 403. What follows knows the other user alone. */
export function impersonationFilter(authorize: Authorizer): RequestHandler {
  return async (request, _response, next) => {
    if (!isImpersonating(request.headers)) return next();
    const context = contextOf(request);
    const impersonation = impersonationOf(request.headersDistinct);
    for (const target of targetsOf(impersonation)) await requireRight(authorize, context.user, target);
    context.impersonate(impersonation.user);
    next();
  };
}
