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
  name: string;
  path: string;
}

/** allow ends the chain; undefined asks the next; nobody allowing means forbidden. */
export type Authorizer = (request: AccessRequest) => Decision | Promise<Decision>;

export type Decision = 'allow' | undefined;

export function authorizeByAny(authorizers: readonly Authorizer[]): Authorizer {
  return async (request) => {
    for (const authorize of authorizers) {
      if ((await authorize(request)) === 'allow') return 'allow';
    }
    return undefined;
  };
}

/** Kubernetes' sentence for a refusal, without the resource it starts with. */
export function refusalOf({ user, verb, resource, subresource, group, namespace, path }: AccessRequest): string {
  const who = `User ${JSON.stringify(user.name)} cannot ${verb}`;
  if (resource === '') return `${who} path ${JSON.stringify(path)}`;
  const what = JSON.stringify(subresource === '' ? resource : `${resource}/${subresource}`);
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `${who} resource ${what} in API group ${JSON.stringify(group)} ${where}`;
}
