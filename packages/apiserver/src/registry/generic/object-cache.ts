import type { Clock, Logger } from '@podling/shared/util';
import type { KubeObject } from '@podling/shared/api';
import type { RegistryStore } from './registry-store.ts';

const retryDelayMs = 1000;

/**
 * All objects of one resource in memory, kept by a watch, so that what is asked with every request costs no read. What it
 * has is at most as old as the watch; a name it does not have is read from the store. While the watch is down it has
 * nothing.
 */
export class ObjectCache<T extends KubeObject> {
  readonly #options: ObjectCacheOptions<T>;
  readonly #objects = new Map<string, T>();
  readonly #index = new Map<string, Map<string, T>>();
  readonly #stopped = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ObjectCacheOptions<T>) {
    this.#options = options;
  }

  /** The object, shared: do not modify it. Rejects with 404. */
  async get(namespace: string, name: string): Promise<T> {
    return this.peek(namespace, name) ?? this.read(namespace, name);
  }

  /** From memory alone. */
  peek(namespace: string, name: string): T | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  /** From the store, past what is remembered. Rejects with 404. */
  read(namespace: string, name: string): Promise<T> {
    return this.#options.store.get(namespace, name);
  }

  /** The objects for which `indexBy` gives this key. */
  byIndex(key: string): Iterable<T> {
    return this.#index.get(key)?.values() ?? [];
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#follow(signal).catch((error: unknown) => logger.debug({ err: error, resource: this.#options.store.strategy.kind.resource }, 'watch ended'));
      this.#objects.clear();
      this.#index.clear();
      if (!signal.aborted) await clock.sleep(retryDelayMs, signal).catch(() => undefined);
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for await (const event of this.#options.store.watch('', { signal })) {
      if (event.type === 'bookmark') continue;
      const { name, namespace = '' } = event.object.metadata;
      this.#put(`${namespace}/${name}`, event.type === 'deleted' ? undefined : event.object);
    }
  }

  #put(key: string, object: T | undefined): void {
    const old = this.#objects.get(key);
    if (old) this.#unlink(key, old);
    if (!object) {
      this.#objects.delete(key);
      return;
    }
    this.#objects.set(key, object);
    const group = this.#options.indexBy?.(object);
    if (group !== undefined) this.#index.set(group, (this.#index.get(group) ?? new Map<string, T>()).set(key, object));
  }

  #unlink(key: string, object: T): void {
    const group = this.#options.indexBy?.(object);
    if (group === undefined) return;
    const members = this.#index.get(group);
    members?.delete(key);
    if (members?.size === 0) this.#index.delete(group);
  }
}

export interface ObjectCacheOptions<T extends KubeObject> {
  store: RegistryStore<T>;
  /** Undefined: under no key. */
  indexBy?: (object: T) => string | undefined;
  clock: Clock;
  logger: Logger;
}
