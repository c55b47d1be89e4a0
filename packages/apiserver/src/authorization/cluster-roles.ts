import type { PolicyRule } from './policy-rule.ts';

/**
 * The rights of the cluster's own parts, as data. Names and contents follow Kubernetes' bootstrap ClusterRoles, as far as
 * the resources are served; the controller manager has those of all its controllers, for it has one identity.
 */

const read = ['get', 'list', 'watch'];
const core = [''];
const coordination = ['coordination.k8s.io'];

const events: PolicyRule = { verbs: ['create', 'update', 'patch'], apiGroups: ['', 'events.k8s.io'], resources: ['events'] };
const reviews: PolicyRule[] = [
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'] },
  { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'] },
];

function leaderLease(name: string): PolicyRule[] {
  return [
    { verbs: ['create'], apiGroups: coordination, resources: ['leases'] },
    { verbs: ['get', 'update', 'list', 'watch'], apiGroups: coordination, resources: ['leases'], resourceNames: [name] },
  ];
}

const health = ['/livez', '/readyz', '/healthz', '/version', '/version/'];

export const clusterRoles = {
  'cluster-admin': [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }],
  'system:public-info-viewer': [{ verbs: ['get'], nonResourceURLs: [...health, '/livez/*', '/readyz/*', '/healthz/*'] }],
  'system:discovery': [
    { verbs: ['get'], nonResourceURLs: [...health, '/openapi', '/openapi/*', '/api', '/api/*', '/apis', '/apis/*'] },
  ],
  'system:basic-user': [
    { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
  ],
  'system:service-account-issuer-discovery': [
    { verbs: ['get'], nonResourceURLs: ['/.well-known/openid-configuration', '/.well-known/openid-configuration/', '/openid/v1/jwks', '/openid/v1/jwks/'] },
  ],
  'system:kubelet-api-admin': [
    { verbs: read, apiGroups: core, resources: ['nodes'] },
    { verbs: ['proxy'], apiGroups: core, resources: ['nodes'] },
    { verbs: ['*'], apiGroups: core, resources: ['nodes/proxy', 'nodes/metrics', 'nodes/stats', 'nodes/log', 'nodes/pods', 'nodes/healthz', 'nodes/configz'] },
  ],
  /** Kubernetes' view, edit and admin have it too. */
  'system:aggregated-metrics-reader': [{ verbs: read, apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'] }],
  'system:kube-scheduler': [
    events, ...reviews, ...leaderLease('kube-scheduler'),
    { verbs: [...read, 'delete'], apiGroups: core, resources: ['pods'] },
    { verbs: ['create'], apiGroups: core, resources: ['pods/binding', 'bindings'] },
    { verbs: ['patch', 'update'], apiGroups: core, resources: ['pods/status'] },
    { verbs: read, apiGroups: core, resources: ['nodes', 'namespaces', 'services'] },
    { verbs: read, apiGroups: ['scheduling.k8s.io'], resources: ['priorityclasses'] },
  ],
  'system:kube-controller-manager': [
    events, ...reviews, ...leaderLease('kube-controller-manager'),
    { verbs: ['list', 'watch'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['get', 'update', 'patch', 'delete'], apiGroups: core, resources: ['nodes'] },
    { verbs: ['patch', 'update'], apiGroups: core, resources: ['nodes/status', 'pods/status'] },
    { verbs: ['get', 'delete'], apiGroups: core, resources: ['pods'] },
    { verbs: ['get'], apiGroups: coordination, resources: ['leases'] },
    { verbs: ['get'], apiGroups: core, resources: ['namespaces'] },
    { verbs: ['update'], apiGroups: core, resources: ['namespaces/finalize', 'namespaces/status'] },
    { verbs: ['get', 'list', 'delete', 'deletecollection'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['get', 'create'], apiGroups: core, resources: ['serviceaccounts'] },
    { verbs: ['get', 'create', 'update'], apiGroups: core, resources: ['configmaps'] },
    { verbs: ['create', 'update'], apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
    { verbs: ['update'], apiGroups: ['policy'], resources: ['poddisruptionbudgets/status'] },
    { verbs: ['get'], apiGroups: ['*'], resources: ['*/scale'] },
  ],
  'system:coredns': [
    { verbs: ['list', 'watch'], apiGroups: core, resources: ['services', 'pods', 'namespaces'] },
    { verbs: ['list', 'watch'], apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
  ],
  /** What the node authorizer leaves to rules. */
  'system:node': [
    events, ...reviews,
    { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'] },
    { verbs: read, apiGroups: core, resources: ['services'] },
    { verbs: read, apiGroups: ['node.k8s.io'], resources: ['runtimeclasses'] },
  ],
} as const satisfies Record<string, readonly PolicyRule[]>;

export type ClusterRoleName = keyof typeof clusterRoles;
