import { authenticatedGroup, mastersGroup } from '../authentication/user.ts';
import type { Authorizer } from './authorizer.ts';

const componentUsers = new Set(['system:kube-scheduler', 'system:kube-controller-manager', 'system:apiserver']);
const componentGroups = new Set(['system:nodes']);

/** Members of system:masters may do everything. */
export const authorizeMasters: Authorizer = ({ user }) => (user.groups.includes(mastersGroup) ? 'allow' : undefined);

/** The cluster's own processes; finer rights come with their own authorizers, before this one. */
export const authorizeComponents: Authorizer = ({ user }) =>
  componentUsers.has(user.name) || user.groups.some((group) => componentGroups.has(group)) ? 'allow' : undefined;

const openToAll = ['/healthz', '/livez', '/readyz', '/version'];
const openToAuthenticated = ['/api', '/apis', '/openapi', '/discovery'];
const isUnder = (path: string, roots: readonly string[]): boolean => roots.some((root) => path === root || path.startsWith(`${root}/`));

/** Health and version for everybody, discovery for whoever has a name. */
export const authorizeDiscovery: Authorizer = ({ user, verb, resource, path }) => {
  if (resource !== '' || verb !== 'get') return undefined;
  if (isUnder(path, openToAll)) return 'allow';
  return user.groups.includes(authenticatedGroup) && isUnder(path, openToAuthenticated) ? 'allow' : undefined;
};
