import { isDeepStrictEqual } from 'node:util';
import { isIPv6 } from 'node:net';
import { isAlreadyExists, isNotFound } from '@podling/shared/api';
import type { EndpointSlice } from '@podling/shared/api';
import { endpointSliceKind } from '@podling/shared/scheme';
import type { RegistryStore } from '../generic/registry-store.ts';
import type { ApiServerLeases } from './apiserver-leases.ts';

/** Where the rest of the cluster finds this apiserver. */
export interface AdvertisedAddress {
  address: string;
  port: number;
}

const namespace = 'default';
const name = 'kubernetes';

/** One family only: IPv4 where there is any. Without an address it stays what it is. */
function familyOf(addresses: readonly string[], present: EndpointSlice['addressType'] = 'IPv4'): EndpointSlice['addressType'] {
  if (addresses.length === 0) return present;
  return addresses.every((address) => isIPv6(address)) ? 'IPv6' : 'IPv4';
}

function sliceFor(addresses: readonly string[], addressType: EndpointSlice['addressType'], port: number): EndpointSlice {
  const ofFamily = addresses.filter((address) => isIPv6(address) === (addressType === 'IPv6'));
  return endpointSliceKind.applyDefaults({
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType,
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
    endpoints: ofFamily.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'https', protocol: 'TCP', port }],
  });
}

/**
 * The EndpointSlice of `default/kubernetes`: each apiserver that lives. Every one of them keeps it. Upstream twin: the
 * lease endpoint reconciler.
 */
export class KubernetesEndpoints {
  readonly #slices: RegistryStore<EndpointSlice>;
  readonly #leases: ApiServerLeases;

  constructor(slices: RegistryStore<EndpointSlice>, leases: ApiServerLeases) {
    this.#slices = slices;
    this.#leases = leases;
  }

  /** Says that this apiserver lives, and writes down who does. To be called every 10 s. */
  async keep({ address, port }: AdvertisedAddress): Promise<void> {
    await this.#leases.renew(address);
    await this.#write(port);
  }

  /** This one ends: its address goes at once. */
  async withdraw({ address, port }: AdvertisedAddress): Promise<void> {
    await this.#leases.remove(address);
    await this.#write(port);
  }

  async #write(port: number): Promise<void> {
    const addresses = await this.#leases.list();
    const present = await this.#slices.get(namespace, name).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const wanted = sliceFor(addresses, familyOf(addresses, present?.addressType), port);
    if (present === undefined) return this.#create(wanted);
    // The family of a slice cannot be changed.
    if (present.addressType !== wanted.addressType) {
      await this.#slices.delete(namespace, name);
      return this.#create(wanted);
    }
    if (isSame(present, wanted)) return;
    const { endpoints, ports, metadata: { labels = {} } } = wanted;
    await this.#slices.update(namespace, name, (current) => ({ ...current, endpoints, ports, metadata: { ...current.metadata, labels } }));
  }

  async #create(slice: EndpointSlice): Promise<void> {
    await this.#slices.create(namespace, slice).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
  }
}

function isSame(a: EndpointSlice, b: EndpointSlice): boolean {
  const shown = ({ endpoints, ports, metadata: { labels } }: EndpointSlice): unknown => ({ endpoints, ports, labels });
  return isDeepStrictEqual(shown(a), shown(b));
}
