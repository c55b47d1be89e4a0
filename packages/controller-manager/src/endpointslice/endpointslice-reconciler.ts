import { isDeepStrictEqual } from 'node:util';
import { isNotFound, namespaceOf } from '@podling/shared/api';
import type { EndpointSlice, Pod, Service } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { ReconcileResult, Reconciler } from '@podling/shared/controller';
import type { Lister } from '@podling/shared/informer';
import { createIfAbsent } from '../create-if-absent.ts';
import { desiredSlices } from './desired-slices.ts';

/** Indexes that the listers must have: pods by namespace, our slices by their service's key. */
export const podsByNamespace = 'namespace';
export const slicesByService = 'service';

export interface EndpointSliceReconcilerOptions {
  client: Client;
  services: Lister<Service>;
  pods: Lister<Pod>;
  slices: Lister<EndpointSlice>;
}

/** Keeps the slices of each service with a selector equal to the pods it selects. Upstream twin: `endpointslice-controller`. */
export class EndpointSliceReconciler implements Reconciler {
  readonly name = 'endpointslice';
  readonly #options: EndpointSliceReconcilerOptions;

  constructor(options: EndpointSliceReconcilerOptions) {
    this.#options = options;
  }

  /** The key is a service's. The slices of a service that is gone go as well. */
  async reconcile(key: string): Promise<ReconcileResult> {
    const { services, slices } = this.#options;
    const service = services.get(key);
    if (service && !isSelecting(service)) return {};
    const present = new Map(slices.byIndex(slicesByService, key).map((slice) => [slice.metadata.name, slice]));
    const wanted = service ? desiredSlices(service, this.#podsOf(service)) : [];
    for (const slice of wanted) await this.#write(slice, present.get(slice.metadata.name));
    const names = new Set(wanted.map(({ metadata }) => metadata.name));
    for (const slice of present.values()) if (!names.has(slice.metadata.name)) await this.#remove(slice);
    return {};
  }

  #podsOf(service: Service): Pod[] {
    return this.#options.pods.byIndex(podsByNamespace, namespaceOf(service)).filter((pod) => selects(service, pod));
  }

  /** A lost race is a conflict: the queue brings the key again. */
  async #write(slice: EndpointSlice, present: EndpointSlice | undefined): Promise<void> {
    const client = this.#options.client.endpointSlices(namespaceOf(slice));
    if (!present) return createIfAbsent(client.create(slice));
    if (present.metadata.deletionTimestamp || isSame(slice, present)) return;
    const { labels = {}, ownerReferences = [] } = slice.metadata;
    await client.update({ ...slice, metadata: { ...present.metadata, labels, ownerReferences } });
  }

  async #remove(slice: EndpointSlice): Promise<void> {
    const { name, deletionTimestamp } = slice.metadata;
    if (deletionTimestamp) return;
    await this.#options.client.endpointSlices(namespaceOf(slice)).delete(name).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

/** Others keep the slices of a service that has no selector or is the name of another place. */
function isSelecting({ spec = {} }: Service): boolean {
  return spec.type !== 'ExternalName' && spec.selector !== undefined;
}

export function selects(service: Service, pod: Pod): boolean {
  const labels = pod.metadata.labels ?? {};
  return isSelecting(service) && Object.entries(service.spec?.selector ?? {}).every(([name, value]) => labels[name] === value);
}

function isSame(wanted: EndpointSlice, present: EndpointSlice): boolean {
  const shown = ({ metadata: { labels, ownerReferences }, endpoints, ports }: EndpointSlice): unknown => ({ labels, ownerReferences, endpoints, ports });
  return isDeepStrictEqual(shown(wanted), shown(present));
}
