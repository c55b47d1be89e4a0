import type {
  ConfigMap, EndpointSlice, Event, KubeList, KubeObject, Lease, Namespace, Node, Pod, PodDisruptionBudget, RuntimeClass, Secret, Service, ServiceAccount, Status, TokenRequest,
} from '../api/index.ts';
import type { Client, ClientConfig, DeleteOptions, ListOptions, PatchType, ResourceClient, RestClient, WatchOptions, WatchStream } from './client.ts';
import { createRestClient } from './rest-client.ts';

/** A resource as its URL names it; the group is '' for core. */
export interface ResourcePath {
  group: string;
  version: string;
  resource: string;
  /** Absent: cluster-scoped, or all namespaces. */
  namespace?: string | undefined;
}

/** `/api/v1/namespaces/x/pods`, `/apis/coordination.k8s.io/v1/leases`. Throws when the namespace is empty. */
export function resourcePath({ group, version, resource, namespace }: ResourcePath): string {
  // It would name another resource: `/namespaces//pods` is the namespace of that name.
  if (namespace === '') throw new Error(`the namespace of ${resource} is empty`);
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${resource}`;
}

/** Typed verbs over one resource path. `patch` and `patchStatus` default to the strategic merge patch. */
export function createResourceClient<T extends KubeObject>(rest: RestClient, path: string): ResourceClient<T> {
  return new RestResourceClient<T>(rest, path);
}

class RestResourceClient<T extends KubeObject> implements ResourceClient<T> {
  readonly path: string;
  readonly #rest: RestClient;

  constructor(rest: RestClient, path: string) {
    this.#rest = rest;
    this.path = path;
  }

  get(name: string, signal?: AbortSignal): Promise<T> {
    return this.#rest.request<T>({ path: this.#of(name), ...(signal ? { signal } : {}) });
  }

  list(options: ListOptions = {}, signal?: AbortSignal): Promise<KubeList<T>> {
    return this.#rest.request<KubeList<T>>({ path: this.path, query: { ...options }, ...(signal ? { signal } : {}) });
  }

  watch(options: WatchOptions = {}, transport?: 'websocket' | 'chunked'): WatchStream<T> {
    return this.#rest.watch<T>({ path: this.path, query: { ...options }, ...(transport ? { transport } : {}) });
  }

  create(object: T): Promise<T> {
    return this.#rest.request<T>({ method: 'POST', path: this.path, body: object });
  }

  update(object: T): Promise<T> {
    return this.#rest.request<T>({ method: 'PUT', path: this.#of(object.metadata.name), body: object });
  }

  updateStatus(object: T): Promise<T> {
    return this.#rest.request<T>({ method: 'PUT', path: `${this.#of(object.metadata.name)}/status`, body: object });
  }

  patch(name: string, patch: unknown, type?: PatchType): Promise<T> {
    return this.#patch(this.#of(name), patch, type);
  }

  patchStatus(name: string, patch: unknown, type?: PatchType): Promise<T> {
    return this.#patch(`${this.#of(name)}/status`, patch, type);
  }

  delete(name: string, options: DeleteOptions = {}): Promise<T | Status> {
    return this.#rest.request<T | Status>({
      method: 'DELETE',
      path: this.#of(name),
      body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options },
    });
  }

  #of(name: string): string {
    return `${this.path}/${encodeURIComponent(name)}`;
  }

  #patch(path: string, body: unknown, contentType: PatchType = 'application/strategic-merge-patch+json'): Promise<T> {
    return this.#rest.request<T>({ method: 'PATCH', path, body, contentType });
  }
}

/** The typed client over a new `RestClient` for the configuration. */
export function createClient(config: ClientConfig): Client {
  return clientOver(createRestClient(config));
}

/** The typed client over an existing `RestClient`; `close` closes that. */
export function clientOver(rest: RestClient): Client {
  const core = <T extends KubeObject>(resource: string, namespace?: string): ResourceClient<T> =>
    createResourceClient<T>(rest, resourcePath({ group: '', version: 'v1', resource, namespace }));
  return {
    rest,
    pods: (namespace) => core<Pod>('pods', namespace),
    nodes: () => core<Node>('nodes'),
    namespaces: () => core<Namespace>('namespaces'),
    events: (namespace) => core<Event>('events', namespace),
    leases: (namespace) =>
      createResourceClient<Lease>(rest, resourcePath({ group: 'coordination.k8s.io', version: 'v1', resource: 'leases', namespace })),
    configMaps: (namespace) => core<ConfigMap>('configmaps', namespace),
    secrets: (namespace) => core<Secret>('secrets', namespace),
    services: (namespace) => core<Service>('services', namespace),
    endpointSlices: (namespace) =>
      createResourceClient<EndpointSlice>(rest, resourcePath({ group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices', namespace })),
    podDisruptionBudgets: (namespace) =>
      createResourceClient<PodDisruptionBudget>(rest, resourcePath({ group: 'policy', version: 'v1', resource: 'poddisruptionbudgets', namespace })),
    runtimeClasses: () => createResourceClient<RuntimeClass>(rest, resourcePath({ group: 'node.k8s.io', version: 'v1', resource: 'runtimeclasses' })),
    serviceAccounts: (namespace) => core<ServiceAccount>('serviceaccounts', namespace),
    createToken: (namespace, name, spec) => createToken(rest, namespace, name, spec),
    bind: (namespace, podName, nodeName, podUid) => bind(rest, { namespace, podName, nodeName, podUid }),
    close: () => rest.close(),
  };
}

async function createToken(rest: RestClient, namespace: string, name: string, spec: TokenRequest['spec']): Promise<TokenRequest> {
  const accounts = resourcePath({ group: '', version: 'v1', resource: 'serviceaccounts', namespace });
  return rest.request<TokenRequest>({
    method: 'POST',
    path: `${accounts}/${encodeURIComponent(name)}/token`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec },
  });
}

interface BindRequest {
  namespace: string;
  podName: string;
  nodeName: string;
  podUid: string | undefined;
}

async function bind(rest: RestClient, { namespace, podName, nodeName, podUid }: BindRequest): Promise<void> {
  const pods = resourcePath({ group: '', version: 'v1', resource: 'pods', namespace });
  await rest.request<Status>({
    method: 'POST',
    path: `${pods}/${encodeURIComponent(podName)}/binding`,
    body: {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: podName, namespace, ...(podUid === undefined ? {} : { uid: podUid }) },
      target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
    },
  });
}
