import type { KubeObject } from '@podling/shared/api';
import { isStorageError } from '../../storage/errors.ts';
import { objectKey, resourcePrefix } from '../../storage/keys.ts';
import type { Storage } from '../../storage/storage.ts';

/** Long enough for one renewal to be missed, short enough that a dead apiserver is soon forgotten. As in Kubernetes. */
const ttlSeconds = 15;
const resource = 'masterleases';

/** The addresses of the apiservers that live: a key each in the store, which goes when it is not renewed. */
export class ApiServerLeases {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  async renew(address: string): Promise<void> {
    const key = objectKey(resource, undefined, address);
    const lease: KubeObject = { kind: 'ApiServerLease', apiVersion: 'internal.podling/v1', metadata: { name: address, generation: 1 } };
    // What does not change is not written, and keeps its time.
    const renewed = (current: KubeObject): KubeObject => ({ ...current, metadata: { ...current.metadata, generation: (current.metadata.generation ?? 0) + 1 } });
    await this.#storage.guaranteedUpdate(key, renewed, { ttlSeconds }).catch(async (error: unknown) => {
      if (!isStorageError(error, 'KeyNotFound')) throw error;
      await this.#storage.create(key, lease, { ttlSeconds });
    });
  }

  async remove(address: string): Promise<void> {
    await this.#storage.delete(objectKey(resource, undefined, address)).catch((error: unknown) => {
      if (!isStorageError(error, 'KeyNotFound')) throw error;
    });
  }

  async list(): Promise<string[]> {
    const { stored } = await this.#storage.list(resourcePrefix(resource));
    return stored.map(({ object }) => object.metadata.name ?? '').sort();
  }
}
