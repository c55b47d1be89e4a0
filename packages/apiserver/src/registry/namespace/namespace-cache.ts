import type { Namespace } from '@podling/shared/api';
import { ObjectCache } from '../generic/object-cache.ts';
import type { ObjectCacheOptions } from '../generic/object-cache.ts';
import type { NamespaceLookup } from './require-active.ts';

/** All namespaces in memory, so that creating an object costs no read. */
export class NamespaceCache implements NamespaceLookup {
  readonly #cache: ObjectCache<Namespace>;

  constructor(options: ObjectCacheOptions<Namespace>) {
    this.#cache = new ObjectCache(options);
  }

  get(name: string): Promise<Namespace> {
    return this.#cache.get('', name);
  }

  read(name: string): Promise<Namespace> {
    return this.#cache.read('', name);
  }

  start(): void {
    this.#cache.start();
  }

  async stop(): Promise<void> {
    await this.#cache.stop();
  }
}
