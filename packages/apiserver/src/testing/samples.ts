/** The least of a stored resource that the server takes. */
export interface Sample {
  collection: string;
  /** Without metadata. */
  body: Record<string, unknown>;
}

const spec = { containers: [{ name: 'main', image: 'podling.local/toolbox:1' }] };

function core(resource: string, body: Record<string, unknown> = {}): Sample {
  return { collection: `/api/v1/namespaces/default/${resource}`, body };
}

/** By group, version and resource. Another resource is one line here. */
export const samples: Readonly<Record<string, Sample>> = {
  'v1 configmaps': core('configmaps', { data: { a: 'b' } }),
  'v1 events': core('events', { involvedObject: { kind: 'Pod', namespace: 'default', name: 'a' }, type: 'Normal', reason: 'Started' }),
  'v1 namespaces': { collection: '/api/v1/namespaces', body: {} },
  'v1 nodes': { collection: '/api/v1/nodes', body: {} },
  'v1 pods': core('pods', { spec }),
  'v1 podtemplates': core('podtemplates', { template: { metadata: { labels: { app: 'web' } }, spec } }),
  'v1 secrets': core('secrets', { stringData: { a: 'b' } }),
  'v1 serviceaccounts': core('serviceaccounts'),
  'v1 services': core('services', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }),
  'coordination.k8s.io/v1 leases': {
    collection: '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    body: { spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } },
  },
  'discovery.k8s.io/v1 endpointslices': {
    collection: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    body: { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ name: 'http', port: 80 }] },
  },
  // The same objects as the core events, so in another namespace.
  'events.k8s.io/v1 events': {
    collection: '/apis/events.k8s.io/v1/namespaces/kube-system/events',
    body: {
      eventTime: '2026-01-02T03:04:05.000000Z', reportingController: 'podling.local/tests', reportingInstance: 'tests-1', action: 'Start',
      reason: 'Started', type: 'Normal', regarding: { kind: 'Pod', namespace: 'kube-system', name: 'a' }, note: 'started',
    },
  },
  'node.k8s.io/v1 runtimeclasses': { collection: '/apis/node.k8s.io/v1/runtimeclasses', body: { handler: 'runc' } },
  'policy/v1 poddisruptionbudgets': {
    collection: '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    body: { spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } },
  },
  'scheduling.k8s.io/v1 priorityclasses': { collection: '/apis/scheduling.k8s.io/v1/priorityclasses', body: { value: 7 } },
};
