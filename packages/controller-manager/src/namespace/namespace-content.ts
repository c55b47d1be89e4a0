import type { KubeList, KubeObject, ObjectMeta } from '@podling/shared/api';
import { isNotFound } from '@podling/shared/api';
import { resourcePath } from '@podling/shared/client';
import type { Client, RestClient } from '@podling/shared/client';

/** A namespaced resource whose objects can be deleted. */
export interface ContentResource {
  group: string;
  version: string;
  resource: string;
  verbs: readonly string[];
}

export interface DiscoveredContent {
  resources: ContentResource[];
  /** Why some groups are missing from `resources`: what they hold is not known. */
  failures: string[];
}

/** All that a namespace can hold, whatever its kind. */
export interface NamespaceContent {
  discover(): Promise<DiscoveredContent>;
  /** Asks for the deletion of every object; some may stay for a while. */
  deleteAll(resource: ContentResource, namespace: string): Promise<void>;
  list(resource: ContentResource, namespace: string): Promise<ObjectMeta[]>;
}

interface GroupList {
  groups: { name: string; preferredVersion: { version: string } }[];
}

interface ResourceList {
  resources: { name: string; namespaced: boolean; verbs: string[] }[];
}

const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** The content as an apiserver's discovery names it. */
export class DiscoveredNamespaceContent implements NamespaceContent {
  readonly #client: Pick<Client, 'rest'>;

  constructor(client: Pick<Client, 'rest'>) {
    this.#client = client;
  }

  get #rest(): RestClient {
    return this.#client.rest;
  }

  async discover(): Promise<DiscoveredContent> {
    const { groups } = await this.#rest.request<GroupList>({ path: '/apis' });
    const versions = [{ group: '', version: 'v1' }, ...groups.map(({ name, preferredVersion: { version } }) => ({ group: name, version }))];
    const results = await Promise.allSettled(versions.map((place) => this.#resourcesOf(place)));
    return {
      resources: results.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
      failures: results.flatMap((result, index) => (result.status === 'rejected' ? [`${versions[index]?.group}/${versions[index]?.version}: ${String(result.reason)}`] : [])),
    };
  }

  async #resourcesOf({ group, version }: { group: string; version: string }): Promise<ContentResource[]> {
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const { resources } = await this.#rest.request<ResourceList>({ path });
    return resources.filter(({ name, namespaced, verbs }) => namespaced && !name.includes('/') && verbs.includes('delete') && verbs.includes('list'))
      .map(({ name, verbs }) => ({ group, version, resource: name, verbs }));
  }

  async deleteAll(resource: ContentResource, namespace: string): Promise<void> {
    const path = resourcePath({ ...resource, namespace });
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' };
    if (resource.verbs.includes('deletecollection')) {
      await this.#rest.request({ method: 'DELETE', path, body });
      return;
    }
    for (const { name } of await this.list(resource, namespace)) {
      await this.#rest.request({ method: 'DELETE', path: `${path}/${encodeURIComponent(name)}`, body }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }

  async list(resource: ContentResource, namespace: string): Promise<ObjectMeta[]> {
    const path = resourcePath({ ...resource, namespace });
    const { items } = await this.#rest.request<KubeList<KubeObject>>({ path, accept: metadataOnly });
    return items.map(({ metadata }) => metadata);
  }
}
