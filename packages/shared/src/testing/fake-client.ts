import { newConflict } from '../api/errors.ts';
import type { ConfigMap, EndpointSlice, Event, KubeObject, Lease, Namespace, Node, Pod, PodDisruptionBudget, RuntimeClass, Secret, Service, ServiceAccount, TokenRequest } from '../api/index.ts';
import type { Client, RestClient } from '../client/client.ts';
import { FakeListWatch } from './fake-list-watch.ts';

/** The resources of an apiserver in memory, and a client of it. */
export interface FakeServer {
  client: Client;
  pods: FakeListWatch<Pod>;
  nodes: FakeListWatch<Node>;
  namespaces: FakeListWatch<Namespace>;
  events: FakeListWatch<Event>;
  leases: FakeListWatch<Lease>;
  configMaps: FakeListWatch<ConfigMap>;
  secrets: FakeListWatch<Secret>;
  services: FakeListWatch<Service>;
  endpointSlices: FakeListWatch<EndpointSlice>;
  podDisruptionBudgets: FakeListWatch<PodDisruptionBudget>;
  runtimeClasses: FakeListWatch<RuntimeClass>;
  serviceAccounts: FakeListWatch<ServiceAccount>;
  /** What was asked of the token subresource; the token is `token-1.CLAIMS`, `token-2.CLAIMS` …, unsigned. */
  tokenRequests: { namespace: string; name: string; spec: TokenRequest['spec'] }[];
  /** `[pod key, node name]` of each binding accepted. */
  bindings: [string, string][];
}

export function createFakeServer(): FakeServer {
  const counter = { revision: 1 };
  const core = <T extends KubeObject>(kind: string, resource: string): FakeListWatch<T> =>
    new FakeListWatch<T>({ apiVersion: 'v1', kind, group: '', resource }, counter);
  const resources: Resources = {
    pods: core<Pod>('Pod', 'pods'),
    nodes: core<Node>('Node', 'nodes'),
    namespaces: core<Namespace>('Namespace', 'namespaces'),
    events: core<Event>('Event', 'events'),
    leases: new FakeListWatch<Lease>({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', group: 'coordination.k8s.io', resource: 'leases' }, counter),
    configMaps: core<ConfigMap>('ConfigMap', 'configmaps'),
    secrets: core<Secret>('Secret', 'secrets'),
    services: core<Service>('Service', 'services'),
    endpointSlices: new FakeListWatch<EndpointSlice>({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', group: 'discovery.k8s.io', resource: 'endpointslices' }, counter),
    podDisruptionBudgets: new FakeListWatch<PodDisruptionBudget>({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', group: 'policy', resource: 'poddisruptionbudgets' }, counter),
    runtimeClasses: new FakeListWatch<RuntimeClass>({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', group: 'node.k8s.io', resource: 'runtimeclasses' }, counter),
    serviceAccounts: core<ServiceAccount>('ServiceAccount', 'serviceaccounts'),
    tokenRequests: [],
  };
  const bindings: [string, string][] = [];
  return { ...resources, bindings, client: fakeClient(resources, bindings) };
}

type Resources = Omit<FakeServer, 'client' | 'bindings'>;

function fakeClient(resources: Resources, bindings: [string, string][]): Client {
  return {
    get rest(): RestClient {
      throw new Error('the fake client has no REST client');
    },
    pods: (namespace) => resources.pods.client(namespace),
    nodes: () => resources.nodes.client(),
    namespaces: () => resources.namespaces.client(),
    events: (namespace) => resources.events.client(namespace),
    leases: (namespace) => resources.leases.client(namespace),
    configMaps: (namespace) => resources.configMaps.client(namespace),
    secrets: (namespace) => resources.secrets.client(namespace),
    services: (namespace) => resources.services.client(namespace),
    endpointSlices: (namespace) => resources.endpointSlices.client(namespace),
    podDisruptionBudgets: (namespace) => resources.podDisruptionBudgets.client(namespace),
    runtimeClasses: () => resources.runtimeClasses.client(),
    serviceAccounts: (namespace) => resources.serviceAccounts.client(namespace),
    createToken: async (namespace, name, spec) => {
      await resources.serviceAccounts.client(namespace).get(name);
      resources.tokenRequests.push({ namespace, name, spec });
      const issuedSeconds = Math.floor(Date.now() / 1000);
      const expiresSeconds = issuedSeconds + (spec.expirationSeconds ?? 3600);
      const claims = Buffer.from(JSON.stringify({ iat: issuedSeconds, exp: expiresSeconds })).toString('base64url');
      const status = { token: `token-${resources.tokenRequests.length}.${claims}`, expirationTimestamp: new Date(expiresSeconds * 1000).toISOString() };
      return { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { name, namespace }, spec, status };
    },
    bind: async (namespace, podName, nodeName, podUid) => {
      const pod = await resources.pods.client(namespace).get(podName);
      const refused = pod.spec.nodeName !== undefined || (podUid !== undefined && podUid !== pod.metadata.uid);
      if (refused) throw newConflict({ group: '', resource: 'pods/binding' }, podName, `pod ${podName} is already assigned to node "${pod.spec.nodeName ?? ''}"`);
      resources.pods.put({ ...pod, spec: { ...pod.spec, nodeName } });
      bindings.push([`${namespace}/${podName}`, nodeName]);
    },
    close: () => Promise.resolve(),
  };
}
