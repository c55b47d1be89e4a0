import type { User } from '../authentication/user.ts';

/** What is asked for, in Kubernetes' terms. */
export interface AccessRequest {
  user: User;
  verb: string;
  /** '' where the request is about a path. */
  resource: string;
  subresource: string;
  group: string;
  namespace: string;
  /** Also where a list or watch selects one object by its name. */
  name: string;
  path: string;
  /** Of a list, watch or deletecollection, as it was sent. */
  fieldSelector?: string;
}

/** Says no more than that this authorizer does not allow it, and why. */
export interface NoOpinion {
  why: string;
}

export type Decision = 'allow' | NoOpinion | undefined;

/** allow ends the chain; anything else asks the next; nobody allowing means forbidden. */
export type Authorizer = (request: AccessRequest) => Decision | Promise<Decision>;

/** Asks one after the other; if none allows, tells of all their reasons. */
export function authorizeByAny(authorizers: readonly Authorizer[]): Authorizer {
  return async (request) => {
    const reasons: string[] = [];
    for (const authorize of authorizers) {
      const decision = await authorize(request);
      if (decision === 'allow') return 'allow';
      if (decision) reasons.push(decision.why);
    }
    return reasons.length === 0 ? undefined : { why: reasons.join('\n') };
  };
}

/** Kubernetes' sentence for a refusal, without the resource it starts with. */
export function refusalOf({ user, verb, resource, subresource, group, namespace, path }: AccessRequest, reason = ''): string {
  const who = `User ${JSON.stringify(user.name)} cannot ${verb}`;
  const because = reason === '' ? '' : `: ${reason}`;
  if (resource === '') return `${who} path ${JSON.stringify(path)}${because}`;
  const what = JSON.stringify(subresource === '' ? resource : `${resource}/${subresource}`);
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `${who} resource ${what} in API group ${JSON.stringify(group)} ${where}${because}`;
}
