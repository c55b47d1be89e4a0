import type { KubeObject, Lease, Namespace, Node, Pod } from '../api/index.ts';
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
  /** Starts those asked for so far. */
  start(): void;
  waitForSync(signal?: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export function createInformerFactory(options: InformerFactoryOptions): InformerFactory {
  const { client, clock = systemClock, logger = createLogger('informer'), onDisruption } = options;
  const informers = new Map<string, SharedInformer<KubeObject>>();
  const shared = <T extends KubeObject>(name: string, resource: ResourceClient<T>): SharedInformer<T> => {
    const present = informers.get(resource.path);
    if (present !== undefined) return present as unknown as SharedInformer<T>;
    const informer = createInformer<T>({ client: resource, clock, logger, name, ...(onDisruption ? { onDisruption } : {}) });
    informers.set(resource.path, informer as unknown as SharedInformer<KubeObject>);
    return informer;
  };
  const all = (): SharedInformer<KubeObject>[] => [...informers.values()];
  return {
    pods: () => shared('pods', client.pods()),
    nodes: () => shared('nodes', client.nodes()),
    namespaces: () => shared('namespaces', client.namespaces()),
    leases: (namespace) => shared(`leases/${namespace}`, client.leases(namespace)),
    start: () => all().forEach((informer) => informer.start()),
    waitForSync: async (signal) => {
      await Promise.all(all().map((informer) => informer.waitForSync(signal)));
    },
    stop: async () => {
      await Promise.all(all().map((informer) => informer.stop()));
    },
  };
}
