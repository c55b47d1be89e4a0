import type { Clock, Logger } from '@podling/shared/util';
import { fromCoreEvent, toCoreEvent } from '@podling/shared/scheme';
import type {
  ConfigMap, EndpointSlice, Event, EventsEvent, KubeObject, Lease, Namespace, Node, Pod, PodDisruptionBudget, PodTemplate, PriorityClass, RuntimeClass, Secret, Service,
  ServiceAccount,
} from '@podling/shared/api';
import type { KindInfo } from '@podling/shared/scheme';
import type { Storage } from '../storage/storage.ts';
import { configMapStrategy } from './config-map/strategy.ts';
import { endpointSliceStrategy } from './endpoint-slice/strategy.ts';
import { createEventsEventStrategy } from './event/events-strategy.ts';
import { createEventStrategy } from './event/strategy.ts';
import { ConvertedStorage } from './generic/converted-storage.ts';
import { RegistryStore } from './generic/registry-store.ts';
import { leaseStrategy } from './lease/strategy.ts';
import { NamespaceCache } from './namespace/namespace-cache.ts';
import { namespaceFinalizeStrategy, namespaceStatusStrategy, namespaceStrategy } from './namespace/strategy.ts';
import { nodeStatusStrategy, nodeStrategy } from './node/strategy.ts';
import { podDisruptionBudgetStatusStrategy, podDisruptionBudgetStrategy } from './pod-disruption-budget/strategy.ts';
import { Evictions } from './pod/eviction.ts';
import { podEphemeralContainersStrategy, podResizeStrategy } from './pod/spec-part-strategies.ts';
import { podStatusStrategy, podStrategy } from './pod/strategy.ts';
import { podTemplateStrategy } from './pod-template/strategy.ts';
import { priorityClassStrategy } from './priority-class/strategy.ts';
import type { Strategy } from './rest/strategy.ts';
import { runtimeClassStrategy } from './runtime-class/strategy.ts';
import { secretStrategy } from './secret/strategy.ts';
import { installServices } from './service/install-services.ts';
import type { InstalledServices } from './service/install-services.ts';
import { serviceAccountStrategy } from './service-account/strategy.ts';

/** One stored resource: its registry, and those of its parts that are written on their own. */
export interface InstalledResource {
  info: KindInfo;
  /** What may be done with the resource itself, in the order in which discovery names it. */
  verbs: readonly string[];
  store: RegistryStore<KubeObject>;
  /** By name, such as `status`: the same objects under another strategy. */
  subresources: Readonly<Record<string, RegistryStore<KubeObject>>>;
}

export interface InstalledResources {
  pods: RegistryStore<Pod>;
  nodes: RegistryStore<Node>;
  namespaces: RegistryStore<Namespace>;
  /** The namespaces that creates are checked against; to be started and stopped. */
  namespaceCache: NamespaceCache;
  events: RegistryStore<Event>;
  leases: RegistryStore<Lease>;
  configMaps: RegistryStore<ConfigMap>;
  secrets: RegistryStore<Secret>;
  serviceAccounts: RegistryStore<ServiceAccount>;
  podTemplates: RegistryStore<PodTemplate>;
  priorityClasses: RegistryStore<PriorityClass>;
  runtimeClasses: RegistryStore<RuntimeClass>;
  services: RegistryStore<Service>;
  endpointSlices: RegistryStore<EndpointSlice>;
  podDisruptionBudgets: RegistryStore<PodDisruptionBudget>;
  evictions: Evictions;
  /** Runs beside the services. */
  serviceMaintenance: InstalledServices['maintenance'];
  /** The address of the service of the apiserver itself. */
  firstServiceIP: string;
  /** In the order in which discovery names them. */
  all: readonly InstalledResource[];
}

export interface InstallOptions {
  /** The store of one resource. */
  storageFor: (resource: string) => Storage;
  clock: Clock;
  logger: Logger;
  eventTtlSeconds: number;
  /** A CIDR. */
  serviceClusterIPRange?: string | undefined;
}

const untyped = <T extends KubeObject>(store: RegistryStore<T>): RegistryStore<KubeObject> => store as unknown as RegistryStore<KubeObject>;

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function installed<T extends KubeObject>(store: RegistryStore<T>, subresources: Record<string, RegistryStore<T>> = {}): InstalledResource {
  const parts = Object.fromEntries(Object.entries(subresources).map(([name, part]) => [name, untyped(part)]));
  return { info: store.strategy.kind as unknown as KindInfo, verbs: allVerbs, store: untyped(store), subresources: parts };
}

/** The one list of what is served. A new kind is one line here, beside its own folder. */
export function installResources({ storageFor, clock, logger, eventTtlSeconds, serviceClusterIPRange }: InstallOptions): InstalledResources {
  const namespaces = new RegistryStore({ strategy: namespaceStrategy, storage: storageFor('namespaces'), clock });
  const namespaceCache = new NamespaceCache({ store: namespaces, clock, logger });
  const storeOf = <T extends KubeObject>(strategy: Strategy<T>): RegistryStore<T> =>
    new RegistryStore({ strategy, storage: storageFor(strategy.kind.resource), clock, namespaces: namespaceCache });
  const pods = storeOf(podStrategy);
  const nodes = storeOf(nodeStrategy);
  const events = storeOf(createEventStrategy(eventTtlSeconds));
  const eventsEvents = new RegistryStore<EventsEvent>({
    strategy: createEventsEventStrategy(eventTtlSeconds), clock, namespaces: namespaceCache,
    storage: new ConvertedStorage<EventsEvent, Event>(storageFor('events'), { toStored: toCoreEvent, toServed: fromCoreEvent }),
  });
  const leases = storeOf(leaseStrategy);
  const configMaps = storeOf(configMapStrategy);
  const secrets = storeOf(secretStrategy);
  const serviceAccounts = storeOf(serviceAccountStrategy);
  const podTemplates = storeOf(podTemplateStrategy);
  const priorityClasses = storeOf(priorityClassStrategy);
  const runtimeClasses = storeOf(runtimeClassStrategy);
  const endpointSlices = storeOf(endpointSliceStrategy);
  const podStatus = storeOf(podStatusStrategy);
  const podDisruptionBudgets = storeOf(podDisruptionBudgetStrategy);
  const budgetStatus = storeOf(podDisruptionBudgetStatusStrategy);
  const evictions = new Evictions({ pods, podStatus, budgets: podDisruptionBudgets, budgetStatus });
  const services = installServices({ storageFor, clock, logger, endpointSlices, namespaces: namespaceCache, clusterIPRange: serviceClusterIPRange });
  const all = [
    {
      ...installed(namespaces, { finalize: storeOf(namespaceFinalizeStrategy), status: storeOf(namespaceStatusStrategy) }),
      verbs: allVerbs.filter((verb) => verb !== 'deletecollection'),
    },
    installed(pods, {
      ephemeralcontainers: storeOf(podEphemeralContainersStrategy), resize: storeOf(podResizeStrategy), status: podStatus,
    }),
    installed(nodes, { status: storeOf(nodeStatusStrategy) }),
    installed(events),
    installed(configMaps),
    installed(secrets),
    installed(serviceAccounts),
    installed(services.store, { status: services.status }),
    installed(podTemplates),
    installed(podDisruptionBudgets, { status: budgetStatus }),
    installed(priorityClasses),
    installed(runtimeClasses),
    installed(leases),
    installed(endpointSlices),
    installed(eventsEvents),
  ];
  return {
    pods, nodes, namespaces, namespaceCache, events, leases, configMaps, secrets, serviceAccounts, podTemplates, priorityClasses, runtimeClasses,
    podDisruptionBudgets, evictions, services: services.store, endpointSlices, serviceMaintenance: services.maintenance, firstServiceIP: services.firstIP, all,
  };
}
