import { SelectorError, parseFieldSelector } from '@podling/shared/api';
import type { AccessRequest, Authorizer, Decision } from './authorizer.ts';
import { clusterRoles } from './cluster-roles.ts';
import { nodeNameOf } from './node-identity.ts';
import { ruleAllows } from './policy-rule.ts';

export type RelatedKind = 'Secret' | 'ConfigMap' | 'ServiceAccount' | 'Pod';

/** Which objects a node needs for the pods that are bound to it. */
export interface NodeRelations {
  isRelated(nodeName: string, kind: RelatedKind, namespace: string, name: string): boolean;
}

const leaseNamespace = 'kube-node-lease';
const readVerbs = ['get', 'list', 'watch'];
const no = (why: string): Decision => ({ why });

/** Decides about one resource, for one node. */
type Rule = (nodeName: string, request: AccessRequest, relations: NodeRelations) => Decision;

function related(kind: RelatedKind, nodeName: string, { namespace, name }: AccessRequest, relations: NodeRelations): Decision {
  if (name === '') return no('No Object name found');
  return relations.isRelated(nodeName, kind, namespace, name) ? 'allow' : no(`no relationship found between node '${nodeName}' and this object`);
}

/** Single objects, read only. A list or watch of one object by its name counts as reading it. */
const readRelated = (kind: RelatedKind): Rule => (nodeName, request, relations) => {
  const { verb, subresource, namespace } = request;
  if (!readVerbs.includes(verb)) return no('can only read resources of this type');
  if (subresource !== '') return no('cannot read subresource');
  if (namespace === '') return no('can only read namespaced object of this type');
  return related(kind, nodeName, request, relations);
};

const serviceAccountRule: Rule = (nodeName, request, relations) => {
  const { verb, subresource, name } = request;
  if (verb === 'get' && subresource === '') return readRelated('ServiceAccount')(nodeName, request, relations);
  if (verb !== 'create' || name === '') return no('can only create tokens for individual service accounts');
  if (subresource !== 'token') return no('can only create token subresource of serviceaccount');
  return related('ServiceAccount', nodeName, request, relations);
};

/** The name of a lease that is being created is not known here: NodeRestriction looks at it. */
const leaseRule: Rule = (nodeName, { verb, namespace, name }) => {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb)) return no('can only get, create, update, patch, or delete a node lease');
  if (namespace !== leaseNamespace) return no(`can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`);
  if (verb !== 'create' && name !== nodeName) return no('can only access node lease with the same name as the requesting node');
  return 'allow';
};

/** Which node is written is NodeRestriction's to check. */
const nodeRule: Rule = (nodeName, { verb, subresource, name }) => {
  if (subresource === 'status') return ['update', 'patch'].includes(verb) ? 'allow' : undefined;
  if (subresource !== '') return undefined;
  if (['create', 'update', 'patch'].includes(verb)) return 'allow';
  if (!readVerbs.includes(verb)) return undefined;
  if (name === nodeName) return 'allow';
  if (name === '') return no(`node '${nodeName}' cannot read all nodes, only its own Node object`);
  return no(`node '${nodeName}' cannot read '${name}', only its own Node object`);
};

function selectsOwnPods(fieldSelector: string | undefined, nodeName: string): boolean {
  try {
    const { requirements } = parseFieldSelector(fieldSelector ?? '');
    return requirements.some(({ field, operator, value }) => field === 'spec.nodeName' && operator === '=' && value === nodeName);
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

const podPartVerbs = new Map([['status', ['update', 'patch']], ['eviction', ['create']]]);

/** Whose pods are created, deleted, evicted or given a status is NodeRestriction's to check. */
const podRule: Rule = (nodeName, request, relations) => {
  const { verb, subresource, name, fieldSelector } = request;
  if (subresource !== '') return podPartVerbs.get(subresource)?.includes(verb) ? 'allow' : undefined;
  if (['create', 'delete'].includes(verb)) return 'allow';
  if (!readVerbs.includes(verb)) return undefined;
  if (verb !== 'get' && selectsOwnPods(fieldSelector, nodeName)) return 'allow';
  if (verb !== 'get' && name === '') return no('can only list/watch pods with spec.nodeName field selector');
  return related('Pod', nodeName, request, relations);
};

const rules = new Map<string, Rule>([
  ['/secrets', readRelated('Secret')], ['/configmaps', readRelated('ConfigMap')], ['/serviceaccounts', serviceAccountRule],
  ['/nodes', nodeRule], ['/pods', podRule], ['coordination.k8s.io/leases', leaseRule],
]);

/**
 * What a kubelet may do: see to its own Node, its own lease, the pods bound to it, and what these pods need. Upstream twin:
 * the Node authorizer, with selectors.
 */
export function nodeAuthorizer(relations: NodeRelations): Authorizer {
  return (request) => {
    const nodeName = nodeNameOf(request.user);
    if (nodeName === undefined) return undefined;
    if (nodeName === '') return no(`unknown node for user ${JSON.stringify(request.user.name)}`);
    const rule = rules.get(`${request.group}/${request.resource}`);
    if (rule) return rule(nodeName, request, relations);
    return clusterRoles['system:node'].some((allowed) => ruleAllows(allowed, request)) ? 'allow' : undefined;
  };
}
