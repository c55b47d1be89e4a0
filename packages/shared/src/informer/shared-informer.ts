import type { KubeObject } from '../api/index.ts';

/**
 * Called one at a time and in order per handler. A handler that throws is logged and does not stop the informer.
 * `onDelete` receives the last known state; `isFinalStateUnknown` when the deletion was noticed by a relist.
 */
export interface EventHandler<T> {
  onAdd?(object: T, isInInitialList: boolean): void;
  onUpdate?(oldObject: T, newObject: T): void;
  onDelete?(object: T, isFinalStateUnknown: boolean): void;
}

/** Read access to the local cache. Objects are shared: never modify one, clone first. */
export interface Lister<T> {
  /** Key is `namespace/name`, or `name` for cluster-scoped objects. */
  get(key: string): T | undefined;
  list(): T[];
  byIndex(indexName: string, value: string): T[];
}

/**
 * Keeps a local copy of one resource by list + watch and tells handlers what changed.
 *
 * Promises: the cache may lag behind the server but never goes back in time for one object; after a broken watch it
 * resumes from the last resourceVersion, after a 410 it lists again and synthesises the missed events, so handlers
 * reach the server's state whatever was lost. Reconnects back off from 200 ms to at most 5 s, for ever.
 * Upstream twin: client-go `SharedIndexInformer`.
 */
export interface SharedInformer<T extends KubeObject> {
  readonly lister: Lister<T>;
  /** Also replays the present cache as adds. Returns a function that removes the handler. */
  addEventHandler(handler: EventHandler<T>): () => void;
  /** Must be called before `start`. */
  addIndex(indexName: string, indexFunction: (object: T) => string[]): void;
  start(): void;
  /** Resolves once the first list is in the cache and has been handed to all handlers. Rejects when the signal aborts. */
  waitForSync(signal?: AbortSignal): Promise<void>;
  hasSynced(): boolean;
  /** The resourceVersion the cache stands at, '' before the first list. */
  lastSyncResourceVersion(): string;
  stop(): Promise<void>;
}
