import { anonymous, authenticatedGroup, mastersGroup } from '../authentication/user.ts';
import { serviceAccountOf, serviceAccountsGroup } from '../authentication/service-account/claims.ts';
import { clusterRoles } from './cluster-roles.ts';
import type { ClusterRoleName } from './cluster-roles.ts';
import type { PolicyRule } from './policy-rule.ts';
import type { RuleSource } from './rule-source.ts';

const [unauthenticatedGroup = ''] = anonymous.groups;

const rolesOfGroups: Readonly<Record<string, readonly ClusterRoleName[]>> = {
  [mastersGroup]: ['cluster-admin'],
  [unauthenticatedGroup]: ['system:public-info-viewer'],
  [authenticatedGroup]: ['system:public-info-viewer', 'system:discovery', 'system:basic-user'],
  [serviceAccountsGroup]: ['system:service-account-issuer-discovery'],
};

const rolesOfUsers: Readonly<Record<string, readonly ClusterRoleName[]>> = {
  /** The apiserver itself, as kubelets see it. */
  'kube-apiserver-kubelet-client': ['system:kubelet-api-admin'],
  'system:kube-scheduler': ['system:kube-scheduler'],
  'system:kube-controller-manager': ['system:kube-controller-manager'],
  'system:coredns': ['system:coredns'],
};

const rolesIn = (bindings: Readonly<Record<string, readonly ClusterRoleName[]>>, subject: string): readonly ClusterRoleName[] =>
  (Object.hasOwn(bindings, subject) ? bindings[subject] : undefined) ?? [];

/** The rights of the administrators, of the cluster's own processes, and of whoever has a name. RBAC objects replace this. */
export const bootstrapRules: RuleSource = ({ name, groups }) => {
  const roles = new Set([...rolesIn(rolesOfUsers, name), ...groups.flatMap((group) => rolesIn(rolesOfGroups, group))]);
  return [...roles].flatMap((role): readonly PolicyRule[] => clusterRoles[role]);
};

const ownNamespace: readonly PolicyRule[] = [
  { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] },
  ...clusterRoles['system:aggregated-metrics-reader'],
];

/**
 * Until there are RBAC objects to say more, a service account may read the pods of its own namespace, and what they use:
 * enough for a program to find its peers, and nothing that it could not be shown.
 */
export const serviceAccountRules: RuleSource = ({ name, groups }, namespace) => {
  const account = groups.includes(serviceAccountsGroup) ? serviceAccountOf(name) : undefined;
  return account !== undefined && account.namespace === namespace ? ownNamespace : [];
};
