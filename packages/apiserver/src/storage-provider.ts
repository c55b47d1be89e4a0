import { readFile } from 'node:fs/promises';
import { systemClock } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import type { ApiServerConfig, EtcdConfig } from './config.ts';
import { createCacher } from './storage/cacher/cacher.ts';
import type { Cacher } from './storage/cacher/cacher.ts';
import { createEtcd3Storage } from './storage/etcd3/etcd3-storage.ts';
import { resourcePrefix } from './storage/keys.ts';
import { createMemoryStorage } from './storage/memory/memory-storage.ts';
import type { Storage } from './storage/storage.ts';

/** etcd keeps time by itself, so what waits for it does too. */
async function etcdStorage({ servers, prefix, caFile, certFile, keyFile }: EtcdConfig, logger: Logger): Promise<Storage> {
  const ca = caFile === undefined ? undefined : await readFile(caFile);
  const pair = certFile !== undefined && keyFile !== undefined ? { cert: await readFile(certFile), key: await readFile(keyFile) } : {};
  return createEtcd3Storage({ endpoints: servers, clock: systemClock, logger, ...(prefix === undefined ? {} : { prefix }), ...(ca ? { tls: { ca, ...pair } } : {}) });
}

export interface StorageProviderOptions {
  clock: Clock;
  logger: Logger;
  /** Changes kept for watches that resume. */
  historySize?: number;
}

/** The store below, and one cache per resource in front of it, made on first use. */
export class StorageProvider {
  readonly store: Storage;
  readonly #options: StorageProviderOptions;
  readonly #cachers = new Map<string, Cacher>();

  constructor(store: Storage, options: StorageProviderOptions) {
    this.store = store;
    this.#options = options;
  }

  static async open(config: ApiServerConfig['storage'], options: StorageProviderOptions): Promise<StorageProvider> {
    const store = config.kind === 'memory' ? createMemoryStorage(options) : await etcdStorage(config, options.logger);
    return new StorageProvider(store, options);
  }

  readonly storageFor = (resource: string): Storage => {
    const known = this.#cachers.get(resource);
    if (known) return known;
    const cacher = createCacher(this.store, resourcePrefix(resource), this.#options);
    this.#cachers.set(resource, cacher);
    return cacher;
  };

  /** Whether every cache has been filled. */
  isSynced(): boolean {
    return [...this.#cachers.values()].every((cacher) => cacher.isReady);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#cachers.values()].map((cacher) => cacher.close()));
    await this.store.close();
  }
}
