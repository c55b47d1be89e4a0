import { isNotFound } from '@podling/shared/api';
import type { KubeObject, Node, Pod, Secret, ServiceAccount } from '@podling/shared/api';
import type { Reference, Referent, Referents } from '../../authentication/service-account/referents.ts';
import type { ObjectCache } from '../generic/object-cache.ts';
import type { RegistryStore } from '../generic/registry-store.ts';

export interface ReferentSources {
  serviceAccounts: ObjectCache<ServiceAccount>;
  pods: ObjectCache<Pod>;
  secrets: RegistryStore<Secret>;
  nodes: RegistryStore<Node>;
}

function referentOf({ metadata: { uid = '', deletionTimestamp } }: KubeObject): Referent {
  return { uid, ...(deletionTimestamp === undefined ? {} : { deletedAt: Date.parse(deletionTimestamp) }) };
}

async function unlessMissing<T>(read: Promise<T>): Promise<T | undefined> {
  return read.catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
}

/** What tokens name, from memory if it is the very object there, else from the store: memory may lag behind a token. */
export class StoredReferents implements Referents {
  readonly #sources: ReferentSources;

  constructor(sources: ReferentSources) {
    this.#sources = sources;
  }

  async find(reference: Reference): Promise<Referent | undefined> {
    const known = this.#remembered(reference);
    if (known?.metadata.uid === reference.uid) return referentOf(known);
    const stored = await unlessMissing(this.#read(reference));
    return stored && referentOf(stored);
  }

  #remembered({ kind, namespace, name }: Reference): KubeObject | undefined {
    if (kind === 'ServiceAccount') return this.#sources.serviceAccounts.peek(namespace, name);
    return kind === 'Pod' ? this.#sources.pods.peek(namespace, name) : undefined;
  }

  #read({ kind, namespace, name }: Reference): Promise<KubeObject> {
    const { serviceAccounts, pods, secrets, nodes } = this.#sources;
    switch (kind) {
      case 'ServiceAccount': return serviceAccounts.read(namespace, name);
      case 'Pod': return pods.read(namespace, name);
      case 'Secret': return secrets.get(namespace, name);
      case 'Node': return nodes.get('', name);
    }
  }
}
