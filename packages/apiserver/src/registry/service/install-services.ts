import type { Clock, Logger } from '@podling/shared/util';
import type { EndpointSlice, Service } from '@podling/shared/api';
import type { Storage } from '../../storage/storage.ts';
import { RegistryStore } from '../generic/registry-store.ts';
import type { NamespaceLookup } from '../namespace/require-active.ts';
import { Allocations } from './allocations.ts';
import { ApiServerLeases } from './apiserver-leases.ts';
import { ClusterIPRange } from './cluster-ip-range.ts';
import { KubernetesEndpoints } from './kubernetes-endpoints.ts';
import { ServiceAllocator } from './service-allocator.ts';
import type { NodePortRange } from './service-allocator.ts';
import { ServiceMaintenance } from './service-maintenance.ts';
import { ServiceStore } from './service-store.ts';
import { createServiceStrategy, serviceStatusStrategy } from './strategy.ts';

const defaultClusterIPRange = '10.96.0.0/16';
const defaultNodePorts: NodePortRange = { first: 30_000, last: 32_767 };

export interface ServiceOptions {
  storageFor: (resource: string) => Storage;
  clock: Clock;
  logger: Logger;
  endpointSlices: RegistryStore<EndpointSlice>;
  /** What creates are checked against; without it they are not. */
  namespaces?: NamespaceLookup;
  /** A CIDR. Default `10.96.0.0/16`. */
  clusterIPRange?: string | undefined;
}

export interface InstalledServices {
  store: ServiceStore;
  status: RegistryStore<Service>;
  maintenance: ServiceMaintenance;
  /** The address of `default/kubernetes`. */
  firstIP: string;
}

/** Services and what they allocate from. Throws for a range that is none. */
export function installServices({ storageFor, clock, logger, endpointSlices, namespaces, clusterIPRange = defaultClusterIPRange }: ServiceOptions): InstalledServices {
  const range = new ClusterIPRange(clusterIPRange);
  const allocations = (resource: string): Allocations => new Allocations(resource, { storage: storageFor(resource), clock });
  const [ips, ports] = [allocations('serviceips'), allocations('servicenodeports')];
  const allocator = new ServiceAllocator({ range, nodePorts: defaultNodePorts, ips, ports });
  const storage = storageFor('services');
  const store = new ServiceStore({ strategy: createServiceStrategy(range.family), storage, clock, allocator, ...(namespaces ? { namespaces } : {}) });
  const endpoints = new KubernetesEndpoints(endpointSlices, new ApiServerLeases(storageFor('masterleases')));
  const maintenance = new ServiceMaintenance({ services: store, endpoints, allocator, ips, ports, clock, logger });
  return { store, status: new RegistryStore({ strategy: serviceStatusStrategy, storage, clock }), maintenance, firstIP: range.first };
}
