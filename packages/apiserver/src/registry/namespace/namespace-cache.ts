import type { Clock } from '@podling/shared/util';
import type { Logger } from '@podling/shared/util';
import type { Namespace } from '@podling/shared/api';
import type { RegistryStore } from '../generic/registry-store.ts';
import type { NamespaceLookup } from './require-active.ts';

const retryDelayMs = 1000;

/**
 * All namespaces in memory, kept by a watch, so that creating an object costs no read. What it has is at most as old as
 * the watch; a name it does not have is read from the store. While the watch is down it has nothing.
 */
export class NamespaceCache implements NamespaceLookup {
  readonly #store: RegistryStore<Namespace>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known = new Map<string, Namespace>();
  readonly #stopped = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: { store: RegistryStore<Namespace>; clock: Clock; logger: Logger }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async get(name: string): Promise<Namespace> {
    return this.#known.get(name) ?? this.read(name);
  }

  read(name: string): Promise<Namespace> {
    return this.#store.get('', name);
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#follow(signal).catch((error: unknown) => this.#logger.debug({ err: error }, 'namespace watch ended'));
      this.#known.clear();
      if (!signal.aborted) await this.#clock.sleep(retryDelayMs, signal).catch(() => undefined);
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for await (const event of this.#store.watch('', { signal })) {
      if (event.type === 'bookmark') continue;
      if (event.type === 'deleted') this.#known.delete(event.object.metadata.name);
      else this.#known.set(event.object.metadata.name, event.object);
    }
  }
}
