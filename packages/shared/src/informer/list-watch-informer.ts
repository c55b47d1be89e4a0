import { keyOf } from '../api/meta.ts';
import type { KubeObject } from '../api/index.ts';
import type { ListOptions, ResourceClient } from '../client/client.ts';
import { systemClock } from '../util/clock.ts';
import type { Clock } from '../util/clock.ts';
import { createLogger } from '../util/logger.ts';
import type { Logger } from '../util/logger.ts';
import { Indexer } from './indexer.ts';
import { Reflector } from './reflector.ts';
import type { EventHandler, Lister, SharedInformer } from './shared-informer.ts';

export interface InformerOptions<T extends KubeObject> {
  client: Pick<ResourceClient<T>, 'path' | 'list' | 'watch'>;
  /** Selectors that narrow what is kept. */
  listOptions?: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>;
  clock?: Clock;
  logger?: Logger;
  /** For log lines. */
  name: string;
  random?: () => number;
  /** Called with each failure of a list or watch; the informer recovers by itself. */
  onDisruption?: (error: unknown) => void;
}

/** A `SharedInformer` over a list and a watch. Nothing is asked of the server before `start`. */
export function createInformer<T extends KubeObject>(options: InformerOptions<T>): SharedInformer<T> {
  return new ListWatchInformer<T>(options);
}

interface Deferred {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Store and handlers are served in one turn per change, straight from the reflector: with one thread a queue of deltas
 * between them (client-go's DeltaFIFO) would have nothing to do.
 */
class ListWatchInformer<T extends KubeObject> implements SharedInformer<T> {
  readonly #indexer = new Indexer<T>();
  readonly #handlers = new Set<EventHandler<T>>();
  readonly #waiting = new Set<Deferred>();
  readonly #ending = new AbortController();
  readonly #reflector: Reflector<T>;
  readonly #logger: Logger;
  readonly #name: string;
  #synced = false;
  #running: Promise<void> | undefined;

  constructor(options: InformerOptions<T>) {
    this.#name = options.name;
    this.#logger = options.logger ?? createLogger(options.name);
    this.#reflector = new Reflector<T>({
      client: options.client,
      listOptions: options.listOptions ?? {},
      clock: options.clock ?? systemClock,
      logger: this.#logger,
      store: {
        replace: (objects) => this.#replace(objects),
        set: (object) => this.#set(object),
        delete: (object) => this.#delete(keyOf(object), object, false),
      },
      ...(options.random ? { random: options.random } : {}),
      ...(options.onDisruption ? { onDisruption: options.onDisruption } : {}),
    });
  }

  get lister(): Lister<T> {
    return this.#indexer;
  }

  addEventHandler(handler: EventHandler<T>): () => void {
    const own: EventHandler<T> = { ...bindHandler(handler) };
    for (const object of this.#indexer.list()) this.#call(() => own.onAdd?.(object, true));
    this.#handlers.add(own);
    return () => this.#handlers.delete(own);
  }

  addIndex(indexName: string, indexFunction: (object: T) => string[]): void {
    if (this.#running !== undefined) throw new Error(`index ${indexName} added to informer ${this.#name} after its start`);
    this.#indexer.addIndex(indexName, indexFunction);
  }

  start(): void {
    this.#running ??= this.#reflector.run(this.#ending.signal);
  }

  waitForSync(signal?: AbortSignal): Promise<void> {
    if (this.#synced) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const settle = (): void => {
        this.#waiting.delete(waiter);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => waiter.reject(signal?.reason);
      const waiter: Deferred = {
        resolve: () => (settle(), resolve()),
        reject: (error) => (settle(), reject(error)),
      };
      this.#waiting.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  hasSynced(): boolean {
    return this.#synced;
  }

  lastSyncResourceVersion(): string {
    return this.#reflector.resourceVersion;
  }

  async stop(): Promise<void> {
    const reason = new Error(`informer ${this.#name} stops`);
    this.#ending.abort(reason);
    await this.#running;
    for (const { reject } of this.#waiting) reject(reason);
  }

  #replace(objects: T[]): void {
    const listed = new Set(objects.map((object) => keyOf(object)));
    for (const [key, object] of this.#indexer.entries()) {
      if (!listed.has(key)) this.#delete(key, object, true);
    }
    for (const object of objects) this.#set(object);
    this.#synced = true;
    for (const { resolve } of this.#waiting) resolve();
  }

  #set(object: T): void {
    const key = keyOf(object);
    const old = this.#indexer.get(key);
    if (old === undefined) {
      this.#add(key, object);
      return;
    }
    if (old.metadata.uid !== object.metadata.uid) {
      // Deleted and created again under one name while we were away: two objects, so two events.
      this.#delete(key, old, true);
      this.#add(key, object);
      return;
    }
    if (old.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#indexer.set(key, object);
    for (const handler of this.#handlers) this.#call(() => handler.onUpdate?.(old, object));
  }

  #add(key: string, object: T): void {
    const isInInitialList = !this.#synced;
    this.#indexer.set(key, object);
    for (const handler of this.#handlers) this.#call(() => handler.onAdd?.(object, isInInitialList));
  }

  #delete(key: string, object: T, isFinalStateUnknown: boolean): void {
    if (this.#indexer.get(key) === undefined) return;
    this.#indexer.delete(key);
    for (const handler of this.#handlers) this.#call(() => handler.onDelete?.(object, isFinalStateUnknown));
  }

  #call(notify: () => void): void {
    try {
      notify();
    } catch (error) {
      this.#logger.error({ err: error, informer: this.#name }, 'event handler failed');
    }
  }
}

/** One registration each, so that the same handler object may be added twice. */
function bindHandler<T>(handler: EventHandler<T>): EventHandler<T> {
  return {
    onAdd: (object, isInInitialList) => handler.onAdd?.(object, isInInitialList),
    onUpdate: (oldObject, newObject) => handler.onUpdate?.(oldObject, newObject),
    onDelete: (object, isFinalStateUnknown) => handler.onDelete?.(object, isFinalStateUnknown),
  };
}
