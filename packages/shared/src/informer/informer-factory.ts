import type { ConfigMap, EndpointSlice, KubeObject, Lease, Namespace, Node, Pod, PodDisruptionBudget, Service, ServiceAccount } from '../api/index.ts';
import type { Client, ResourceClient } from '../client/client.ts';
import { systemClock } from '../util/clock.ts';
import type { Clock } from '../util/clock.ts';
import { createLogger } from '../util/logger.ts';
import type { Logger } from '../util/logger.ts';
import { createInformer } from './list-watch-informer.ts';
import type { SharedInformer } from './shared-informer.ts';

export interface InformerFactoryOptions {
  client: Client;
  clock?: Clock;
  logger?: Logger;
  /** Called with each failure of a list or watch of any of them. */
  onDisruption?: (error: unknown) => void;
}

/** The informers of one process, one per resource, started and stopped together. Upstream twin: `SharedInformerFactory`. */
export interface InformerFactory {
  pods(): SharedInformer<Pod>;
  nodes(): SharedInformer<Node>;
  namespaces(): SharedInformer<Namespace>;
  leases(namespace: string): SharedInformer<Lease>;
  serviceAccounts(): SharedInformer<ServiceAccount>;
  services(): SharedInformer<Service>;
  endpointSlices(): SharedInformer<EndpointSlice>;
  podDisruptionBudgets(): SharedInformer<PodDisruptionBudget>;
  /** Those of one name, in all namespaces. */
  configMapsNamed(name: string): SharedInformer<ConfigMap>;
  /** Starts those asked for so far. */
  start(): void;
  waitForSync(signal?: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export function createInformerFactory(options: InformerFactoryOptions): InformerFactory {
  const { client, clock = systemClock, logger = createLogger('informer'), onDisruption } = options;
  const informers = new Map<string, SharedInformer<KubeObject>>();
  const shared = <T extends KubeObject>(name: string, resource: ResourceClient<T>, fieldSelector?: string): SharedInformer<T> => {
    const key = `${resource.path}?${fieldSelector ?? ''}`;
    const present = informers.get(key);
    if (present !== undefined) return present as unknown as SharedInformer<T>;
    const listOptions = fieldSelector === undefined ? {} : { listOptions: { fieldSelector } };
    const informer = createInformer<T>({ client: resource, clock, logger, name, ...listOptions, ...(onDisruption ? { onDisruption } : {}) });
    informers.set(key, informer as unknown as SharedInformer<KubeObject>);
    return informer;
  };
  const all = (): SharedInformer<KubeObject>[] => [...informers.values()];
  return {
    pods: () => shared('pods', client.pods()),
    nodes: () => shared('nodes', client.nodes()),
    namespaces: () => shared('namespaces', client.namespaces()),
    leases: (namespace) => shared(`leases/${namespace}`, client.leases(namespace)),
    services: () => shared('services', client.services()),
    endpointSlices: () => shared('endpointslices', client.endpointSlices()),
    podDisruptionBudgets: () => shared('poddisruptionbudgets', client.podDisruptionBudgets()),
    serviceAccounts: () => shared('serviceaccounts', client.serviceAccounts()),
    configMapsNamed: (name) => shared(`configmaps/${name}`, client.configMaps(), `metadata.name=${name}`),
    start: () => all().forEach((informer) => informer.start()),
    waitForSync: async (signal) => {
      await Promise.all(all().map((informer) => informer.waitForSync(signal)));
    },
    stop: async () => {
      await Promise.all(all().map((informer) => informer.stop()));
    },
  };
}
